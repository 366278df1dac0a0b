import { type GroupMap, renderProblems } from '../plan/group-map.ts';
import { warningsOf } from '../plan/group-map-warnings.ts';
import { mapInForce, serverNameIn } from './map-file.ts';
import { EXIT, print, type Terminal } from './terminal.ts';

/** Reads a map and says what it opens and what is seldom meant. Throws `GroupMapError` with all its problems. */
export async function checkMapCommand(terminal: Terminal, file: string | undefined): Promise<number> {
  const { name, map } = mapInForce(terminal, file);
  print(terminal, `${name}: ${describe(map)}`);
  for (const warning of warningsOf(map, { serverName: serverNameIn(terminal) })) {
    print(terminal, `warning: ${renderProblems(name, [warning])}`);
  }
  return EXIT.ok;
}

function describe({ rules }: GroupMap): string {
  const groups = rules.filter(({ group }) => group.kind !== 'everybody').length;
  const isForAll = rules.length > groups;
  const rooms = new Set(rules.flatMap(({ targets }) => targets.map(({ room }) => room))).size;
  const openers = [
    ...(groups > 0 || !isForAll ? [counted(groups, 'group')] : []),
    ...(isForAll ? ['"*"'] : []),
  ];
  const isOne = openers.length === 1 && (groups === 1 || isForAll);
  const admins = rules.filter(({ admin }) => admin !== undefined).length;
  const also =
    admins === 0 ? '' : `; ${counted(admins, 'group')} ${admins === 1 ? 'makes' : 'make'} server admins`;
  return `${openers.join(' and ')} ${isOne ? 'opens' : 'open'} ${counted(rooms, 'room')}${also}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
