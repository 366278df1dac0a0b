import fc from 'fast-check';

/** People, groups, rooms and strangers are numbers in a story. */
export const PEOPLE = 6;
export const GROUPS = 4;
/** Room 0 is of version 11; 1 and 2 of version 12, 2 is public; 3 is a space, 4 is a room of version 11. */
export const ROOMS = 5;
export const SPACE = 3;

export type ModeName = 'granted' | 'additive' | 'exclusive';

export type MapEntry = {
  readonly group: number | '*';
  readonly byName: boolean;
  readonly room: number;
  readonly byId: boolean;
  readonly undone: boolean;
  readonly level: number | undefined;
  /** For the space only. */
  readonly children: 'none' | 'all' | 'some';
};

/** Modes are of rooms; a child of the space may come in with another one too. */
export type MapPlan = { readonly modes: readonly ModeName[]; readonly entries: readonly MapEntry[] };

export type FaultKind = 'unavailable' | 'throttled' | 'refused' | 'not-found';

/** From the `skip`th call of a method on, `count` calls fail; `late` means after the effect: the answer is lost. */
export type Fault = {
  readonly method: string;
  readonly kind: FaultKind;
  readonly skip: number;
  readonly count: number;
  readonly late: boolean;
};

export type RunEvent = {
  readonly do: 'run';
  readonly pass: boolean;
  /** A new process on the same database. */
  readonly fresh: boolean;
  readonly faults: readonly Fault[];
  /** Killed at this call to the store or the homeserver. */
  readonly crashAt: number | undefined;
  /** Something happens before this reading call. */
  readonly during: { readonly call: number; readonly event: WorldEvent } | undefined;
};

type Two = { readonly p: number; readonly r: number };

export type WorldEvent =
  | { readonly do: 'create' | 'delete' | 'off' | 'on'; readonly p: number; readonly hr: boolean }
  | { readonly do: 'rename'; readonly p: number; readonly hr: boolean; readonly name: number }
  | {
      readonly do: 'makeGroup' | 'add' | 'remove' | 'replace';
      readonly g: number;
      readonly who: readonly number[];
    }
  | { readonly do: 'deleteGroup' | 'renameGroup'; readonly g: number }
  | { readonly do: 'nest' | 'unnest'; readonly g: number; readonly inner: number }
  | ({ readonly do: 'leave' | 'rejoin' | 'invite' | 'kick' | 'ban' | 'unban' } & Two)
  | ({ readonly do: 'promote'; readonly level: number } & Two)
  | { readonly do: 'stranger' | 'remote' | 'guarded' | 'robot'; readonly r: number }
  | { readonly do: 'kickBot' | 'demoteBot' | 'upgrade' | 'loseAlias' | 'giveAlias'; readonly r: number }
  | { readonly do: 'child'; readonly r: number; readonly on: boolean }
  | { readonly do: 'signUp' | 'lock' | 'unlock' | 'nickname' | 'makeAdmin'; readonly p: number }
  | { readonly do: 'map'; readonly map: MapPlan }
  | { readonly do: 'emptyMap' | 'oldMap' }
  | { readonly do: 'decide'; readonly which: number; readonly approve: boolean }
  | { readonly do: 'wait'; readonly minutes: number }
  | { readonly do: 'forget' };

export type Event = WorldEvent | RunEvent;

export type Story = {
  readonly limit: 'none' | 'one' | 'third';
  readonly concurrency: number;
  readonly map: MapPlan;
  readonly groups: readonly (readonly number[])[];
  readonly events: readonly Event[];
};

const person = fc.nat(PEOPLE - 1);
const room = fc.nat(ROOMS - 1);
const group = fc.nat(GROUPS - 1);
const some = fc.uniqueArray(person, { maxLength: PEOPLE });
const few = fc.uniqueArray(person, { minLength: 1, maxLength: 3 });
const is = <const W extends string>(...words: readonly W[]) => fc.constantFrom(...words);
const rarely = fc.nat(9).map((n) => n === 0);
const often = fc.nat(9).map((n) => n > 0);

const mode = fc.oneof(
  { weight: 4, arbitrary: is('granted') },
  { weight: 1, arbitrary: is('additive') },
  { weight: 2, arbitrary: is('exclusive') },
);

const entry: fc.Arbitrary<MapEntry> = fc.record({
  group: fc.oneof({ weight: 6, arbitrary: group }, { weight: 1, arbitrary: is('*') }),
  byName: rarely,
  room,
  byId: rarely,
  undone: fc.nat(3).map((n) => n === 0),
  level: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(10, 50, 60) },
  ),
  children: is('none', 'all', 'all', 'some'),
});

const map: fc.Arbitrary<MapPlan> = fc.record({
  modes: fc.array(mode, { minLength: ROOMS, maxLength: ROOMS }),
  entries: fc.array(entry, { minLength: 1, maxLength: 7 }),
});

/** Methods of the homeserver that may fail. */
const READS = [
  'identify',
  'account',
  'accountByExternalId',
  'accounts',
  'resolveAlias',
  'joinedMembers',
  'roomPower',
  'children',
  'replacement',
  'member',
  'memberships',
] as const;
/** The changes that may fail in a story. */
export const WRITES = [
  'createAccount',
  'updateAccount',
  'restrict',
  'unrestrict',
  'join',
  'kick',
  'takeRoom',
  'setPowerLevels',
] as const;

const kind = is('unavailable', 'throttled', 'refused', 'not-found', 'unavailable');
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    method: is(...READS),
    kind,
    skip: fc.nat(6),
    count: fc.integer({ min: 1, max: 3 }),
    late: fc.constant(false),
  }),
  fc
    .record({
      method: is(...WRITES),
      kind,
      skip: fc.nat(3),
      count: fc.integer({ min: 1, max: 3 }),
      late: fc.boolean(),
    })
    .map((each) => (each.late ? { ...each, kind: 'unavailable' as const } : each)),
);

const worldEvent: fc.Arbitrary<WorldEvent> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: is('create', 'delete', 'off', 'on', 'on', 'create'), p: person, hr: rarely }),
  },
  { weight: 1, arbitrary: fc.record({ do: is('rename'), p: person, hr: rarely, name: fc.nat(3) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: is('add', 'remove', 'remove', 'add', 'replace', 'makeGroup'),
      g: group,
      who: few,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: is('replace'), g: group, who: some }) },
  { weight: 1, arbitrary: fc.record({ do: is('deleteGroup', 'renameGroup'), g: group }) },
  { weight: 2, arbitrary: fc.record({ do: is('nest', 'unnest'), g: group, inner: group }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: is('leave', 'rejoin', 'invite', 'kick', 'ban', 'unban', 'rejoin'),
      p: person,
      r: room,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: is('promote'), p: person, r: room, level: fc.constantFrom(0, 10, 50, 60) }),
  },
  { weight: 2, arbitrary: fc.record({ do: is('stranger', 'remote', 'guarded', 'robot'), r: room }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: is('kickBot', 'demoteBot', 'upgrade', 'loseAlias', 'giveAlias'), r: room }),
  },
  { weight: 1, arbitrary: fc.record({ do: is('child'), r: room, on: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: is('signUp', 'lock', 'unlock', 'nickname', 'makeAdmin', 'signUp', 'unlock'),
      p: person,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: is('map'), map }) },
  { weight: 1, arbitrary: fc.record({ do: is('emptyMap', 'oldMap', 'oldMap', 'oldMap', 'oldMap') }) },
  { weight: 4, arbitrary: fc.record({ do: is('decide'), which: fc.nat(2), approve: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: is('wait'), minutes: fc.constantFrom(1, 5, 20, 61, 300) }) },
  { weight: 1, arbitrary: fc.record({ do: is('forget') }) },
);

const run: fc.Arbitrary<RunEvent> = fc.record({
  do: is('run'),
  pass: often,
  fresh: fc.nat(3).map((n) => n === 0),
  faults: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fault, { minLength: 1, maxLength: 3 }) },
  ),
  crashAt: fc.oneof(
    { weight: 8, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 400 }) },
  ),
  during: fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.record({ call: fc.integer({ min: 1, max: 80 }), event: worldEvent }) },
  ),
});

export const stories: fc.Arbitrary<Story> = fc.record({
  limit: is('none', 'one', 'third'),
  concurrency: fc.constantFrom(1, 4),
  map,
  groups: fc.array(some, { minLength: GROUPS, maxLength: GROUPS }),
  events: fc.array(fc.oneof({ weight: 3, arbitrary: worldEvent }, { weight: 1, arbitrary: run }), {
    minLength: 5,
    maxLength: 30,
    size: 'max',
  }),
});

/** A story to be read, and to be copied into a test. */
export function inShort({ limit, concurrency, map, groups, events }: Story): string {
  return [
    `limit: '${limit}', concurrency: ${concurrency}, groups: ${JSON.stringify(groups)},`,
    `modes: ${map.modes.join(' ')}`,
    ...map.entries.map((each) => `map ${JSON.stringify(each)}`),
    ...events.map((event) => JSON.stringify(event)),
  ].join('\n');
}
