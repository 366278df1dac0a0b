import { isSlip, nearest } from '../plan/nearest.ts';
import { UnknownName } from './error.ts';

/** A name that nothing has, with the nearest one that something has. Nearest in a list of 100,000 takes a second. */
export function unknownName(what: string, name: string, known: readonly string[], more = ''): UnknownName {
  const near = nearest(name, known);
  const meant =
    near !== undefined && (isSlip(name, near) || contains(near.name, name))
      ? ` Did you mean "${near.name}"?`
      : '';
  return new UnknownName(`${what} "${name}".${meant}${more === '' ? '' : ` ${more}`}`);
}

function contains(longer: string, part: string): boolean {
  return part.length > 2 && longer.toLowerCase().includes(part.toLowerCase());
}
