import { foldCase } from '../directory/resource.ts';
import type { RoomAlias, RoomId } from '../matrix/ids.ts';

/**
 * Whom a rule is about: a group by the provider's id (survives a rename), a group by its display name, or
 * everybody active. `name` is as written in the map; `foldName` says which names are the same.
 */
export type GroupSelector =
  | { readonly kind: 'external-id'; readonly id: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'everybody' };

/**
 * What becomes of a member whose entitlement ended: `granted` removes those whom a group entitled before and
 * nobody else, `additive` never removes.
 */
export type Mode = 'granted' | 'additive';

/** A room that a group opens. A room has one mode in the whole map; an alias and an id may be the same room. */
export type RoomTarget = {
  readonly room: RoomId | RoomAlias;
  readonly mode: Mode;
  /** Who leaves by herself stays away until her entitlement is renewed. */
  readonly leave: 'allowed';
};

export type Rule = { readonly group: GroupSelector; readonly targets: readonly RoomTarget[] };

/** Which group opens which rooms, in the order of the map. No rule at all is a valid map: it entitles nobody. */
export type GroupMap = { readonly rules: readonly Rule[] };

/** `line` and `column` count from 1; columns are UTF-16 units, as editors count them. */
export type GroupMapProblem = { readonly line: number; readonly column: number; readonly message: string };

/** A text that is not a group map, with everything that is wrong with it in the order of the text. */
export class GroupMapError extends Error {
  override readonly name = 'GroupMapError';
  readonly problems: readonly GroupMapProblem[];

  /** `source` is the path of the file, if it is one. */
  constructor(problems: readonly GroupMapProblem[], source = 'group map') {
    super(`not a valid group map\n${renderProblems(source, problems)}`);
    this.problems = problems;
  }
}

/** One line for each problem, in the form that editors and terminals make a link of. */
export function renderProblems(fileName: string, problems: readonly GroupMapProblem[]): string {
  return problems.map(({ line, column, message }) => `${fileName}:${line}:${column}: ${message}`).join('\n');
}

/** Two display names are the same group's name if this makes them equal: case and outer blanks do not count. */
export function foldName(name: string): string {
  return foldCase(name.trim());
}
