import { checkMapCommand } from './map-check.ts';
import { dumpCommand } from './map-dump.ts';
import { addCommand, removeCommand } from './map-edit.ts';
import { type Terminal, UsageError } from './terminal.ts';

/** The options as they were given. */
export type MapOptions = {
  readonly file: string | undefined;
  readonly mode: string | undefined;
  readonly leave: string | undefined;
  readonly powerLevel: string | undefined;
};

type Action = {
  readonly usage: string;
  readonly operands: readonly [least: number, most: number];
  /** Those that mean something here. */
  readonly options: readonly (keyof MapOptions)[];
  readonly run: (terminal: Terminal, operands: readonly string[], options: MapOptions) => Promise<number>;
};

const ACTIONS: Readonly<Record<string, Action>> = {
  check: {
    usage: 'check [FILE]',
    operands: [0, 1],
    options: ['file'],
    run: (terminal, [file], options) => checkMapCommand(terminal, file ?? options.file),
  },
  add: {
    usage: 'add GROUP ROOM [--mode MODE] [--leave LEAVE] [--power-level N] [--file FILE]',
    operands: [2, 2],
    options: ['file', 'mode', 'leave', 'powerLevel'],
    run: (terminal, [group = '', room = ''], { file, mode, leave, powerLevel }) =>
      addCommand(terminal, { group, target: { room, mode, leave, powerLevel: numberIn(powerLevel) }, file }),
  },
  remove: {
    usage: 'remove GROUP [ROOM] [--file FILE]',
    operands: [1, 2],
    options: ['file'],
    run: (terminal, [group = '', room], { file }) => removeCommand(terminal, { group, room, file }),
  },
  dump: {
    usage: 'dump',
    operands: [0, 0],
    options: [],
    run: (terminal) => dumpCommand(terminal),
  },
};

/** `usher map …`: looks at the group map, edits it, or makes a first one. */
export async function mapCommand(
  terminal: Terminal,
  [name = '', ...operands]: readonly string[],
  options: MapOptions,
): Promise<number> {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) {
    throw new UsageError(`"map" has no "${name}". It has: ${Object.keys(ACTIONS).join(', ')}`);
  }
  const [least, most] = action.operands;
  const given = (Object.keys(options) as (keyof MapOptions)[]).filter((key) => options[key] !== undefined);
  const isFitting = given.every((key) => action.options.includes(key));
  if (operands.length < least || operands.length > most || !isFitting) {
    throw new UsageError(`the command is: usher map ${action.usage}`);
  }
  return action.run(terminal, operands, options);
}

/** What is no number goes on as it is, to be refused in the words of the map. */
function numberIn(given: string | undefined): number | string | undefined {
  return given !== undefined && /^-?\d+$/.test(given) ? Number(given) : given;
}
