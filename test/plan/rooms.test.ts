import { describe, expect, it } from 'vitest';
import type { Membership } from '../../src/matrix/homeserver.ts';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import type { Words } from '../../src/plan/group-map.ts';
import type { Opening } from '../../src/plan/openings.ts';
import {
  needsSender,
  planRooms,
  type RoomRecord,
  type RoomsView,
  type Standing,
} from '../../src/plan/rooms.ts';

const ANN = '@ann:example.com' as UserId;
const BOT = '@usher:example.com' as UserId;
const MOD = '@mod:example.com' as UserId;
const ROOM = '!eng:example.com' as RoomId;
const OTHER = '!ops:example.com' as RoomId;
const THIRD = '!hr:example.com' as RoomId;

const opening: Opening = { via: ['staff'], mode: 'granted', leave: 'allowed', powerLevel: undefined };
const nowhere: RoomsView = {
  account: ANN,
  bot: BOT,
  open: new Map(),
  uncertain: new Set(),
  isMapped: () => true,
  records: new Map(),
  standings: new Map(),
  wordsOf: () => undefined,
};

type Case = {
  readonly isOpen: boolean;
  readonly isUncertain?: boolean;
  /** A room of everybody is not known. */
  readonly isElsewhereUncertain?: boolean;
  readonly isMapped?: boolean;
  readonly state?: RoomRecord['state'];
  readonly mode?: RoomRecord['mode'];
  readonly leave?: 'allowed' | 'undone';
  readonly standing?: readonly [Membership, UserId];
  readonly words?: Words;
};

function plan({
  isOpen,
  isUncertain = false,
  isElsewhereUncertain = false,
  isMapped = true,
  state,
  mode = 'granted',
  leave = 'allowed',
  standing,
  words,
}: Case) {
  const via = ['staff'];
  const standings = new Map<RoomId, Standing>();
  if (standing !== undefined) standings.set(ROOM, { membership: standing[0], sender: standing[1] });
  const result = planRooms({
    account: ANN,
    bot: BOT,
    open: new Map(isOpen ? [[ROOM, { via, mode, leave, powerLevel: undefined }]] : []),
    uncertain: new Set(isUncertain ? via : isElsewhereUncertain ? ['*'] : []),
    isMapped: () => isMapped,
    records: new Map(state === undefined ? [] : [[ROOM, { state, via, mode }]]),
    standings,
    wordsOf: () => words,
  });
  return {
    word: result.words.get(ROOM)?.text,
    change: result.changes[0]?.kind,
    record: result.records.get(ROOM)?.state,
    ended: result.ended.includes(ROOM),
    undecided: result.undecided.has(ROOM),
    finding: result.findings[0]?.code,
  };
}

const nothing = { change: undefined, record: undefined, ended: false, undecided: false, finding: undefined };

describe('rooms of one person', () => {
  it.each<[string, Case, Partial<ReturnType<typeof plan>>]>([
    ['joins her when the room opens', { isOpen: true }, { change: 'join', record: 'granted' }],
    ['records her when she was in already', { isOpen: true, standing: ['join', MOD] }, { record: 'joined' }],
    [
      'leaves her where she is in the right room',
      { isOpen: true, state: 'joined', standing: ['join', ANN] },
      {},
    ],
    [
      'joins her over an invitation',
      { isOpen: true, standing: ['invite', MOD] },
      { change: 'join', record: 'granted' },
    ],
    [
      'tries again what was written down and not done',
      { isOpen: true, state: 'granted' },
      { change: 'join', record: 'granted' },
    ],
    [
      'joins her again after our own kick',
      { isOpen: true, standing: ['leave', BOT] },
      { change: 'join', record: 'granted' },
    ],
    [
      'joins her when she left before she was entitled',
      { isOpen: true, standing: ['leave', ANN] },
      { change: 'join', record: 'granted' },
    ],
    [
      'respects that she left by herself',
      { isOpen: true, state: 'joined', standing: ['leave', ANN] },
      { record: 'left', finding: 'left' },
    ],
    ['goes on respecting it', { isOpen: true, state: 'left', standing: ['leave', ANN] }, {}],
    [
      'sees that she came back',
      { isOpen: true, state: 'left', standing: ['join', ANN] },
      { record: 'joined' },
    ],
    [
      "respects a moderator's kick",
      { isOpen: true, state: 'joined', standing: ['leave', MOD] },
      { record: 'kicked', finding: 'kicked' },
    ],
    [
      'respects a kick from before she was entitled',
      { isOpen: true, standing: ['leave', MOD] },
      { record: 'kicked', finding: 'kicked' },
    ],
    [
      'respects a ban',
      { isOpen: true, state: 'joined', standing: ['ban', MOD] },
      { record: 'banned', finding: 'banned' },
    ],
    [
      'does not join her when the ban is lifted',
      { isOpen: true, state: 'banned', standing: ['leave', MOD] },
      { record: 'kicked', finding: 'kicked' },
    ],
    [
      'joins her again when the room was lost for her',
      { isOpen: true, state: 'joined' },
      { change: 'join', record: 'granted' },
    ],
    [
      'removes her when the entitlement ended',
      { isOpen: false, state: 'joined', standing: ['join', ANN] },
      { change: 'kick' },
    ],
    [
      'removes her when it ended before the join was seen',
      { isOpen: false, state: 'granted', standing: ['join', ANN] },
      { change: 'kick' },
    ],
    [
      'takes nothing of a room that may be behind a name that is not known',
      {
        isOpen: false,
        isElsewhereUncertain: true,
        isMapped: false,
        state: 'joined',
        standing: ['join', ANN],
      },
      { undecided: true },
    ],
    [
      'takes what ended in a room that is known, though another one is not',
      { isOpen: false, isElsewhereUncertain: true, state: 'joined', standing: ['join', ANN] },
      { change: 'kick' },
    ],
    [
      'takes nothing while a room of her group is not known',
      { isOpen: false, isUncertain: true, state: 'joined', standing: ['join', ANN] },
      { undecided: true },
    ],
    [
      'takes back an invitation of ours when it ended before she was in',
      { isOpen: false, state: 'granted', standing: ['invite', BOT] },
      { change: 'kick' },
    ],
    [
      'joins her again when she left a room where that is undone',
      { isOpen: true, leave: 'undone', state: 'joined', standing: ['leave', ANN] },
      { change: 'join', record: 'granted' },
    ],
    [
      'joins her again where leaving is undone from now on',
      { isOpen: true, leave: 'undone', state: 'left', standing: ['leave', ANN] },
      { change: 'join', record: 'granted' },
    ],
    [
      'respects that she left, whoever removed her since',
      { isOpen: true, state: 'left', standing: ['leave', MOD] },
      {},
    ],
    ['goes on respecting a kick', { isOpen: true, state: 'kicked', standing: ['leave', MOD] }, {}],
    [
      'goes on respecting a kick when the room does not know her any more',
      { isOpen: true, state: 'kicked' },
      {},
    ],
    [
      'sees that she was banned after she was kicked',
      { isOpen: true, state: 'kicked', standing: ['ban', MOD] },
      { record: 'banned', finding: 'banned' },
    ],
    [
      'sees that a moderator let her in again',
      { isOpen: true, state: 'kicked', standing: ['join', ANN] },
      { record: 'joined' },
    ],
    [
      'removes her from a room that no rule names any more, while all is known',
      { isOpen: false, isMapped: false, state: 'joined', standing: ['join', ANN] },
      { change: 'kick' },
    ],
    [
      'does not join her when the ban is lifted and the room does not know her any more',
      { isOpen: true, state: 'banned' },
      { record: 'kicked', finding: 'kicked' },
    ],
    ['goes on respecting a ban', { isOpen: true, state: 'banned', standing: ['ban', MOD] }, {}],
    [
      'never removes from an additive room',
      { isOpen: false, state: 'joined', mode: 'additive', standing: ['join', ANN] },
      { ended: true },
    ],
    [
      'forgets an entitlement that ended when she is out',
      { isOpen: false, state: 'joined', standing: ['leave', ANN] },
      { ended: true },
    ],
    [
      'forgets an entitlement that ended in a room that does not know her',
      { isOpen: false, state: 'joined' },
      { ended: true },
    ],
    [
      'leaves an invitation to the one who sent it',
      { isOpen: false, state: 'left', standing: ['invite', MOD] },
      { ended: true },
    ],
    ['never touches her where she was not entitled', { isOpen: false, standing: ['join', ANN] }, {}],
  ])('%s', (_title, input, expected) => {
    expect(plan(input)).toEqual({ ...nothing, ...expected });
  });

  it('says of whom and of which room, and keeps nobody from anything', () => {
    for (const [state, standing] of [
      ['joined', { membership: 'leave', sender: ANN }],
      ['joined', { membership: 'leave', sender: MOD }],
      ['joined', { membership: 'ban', sender: MOD }],
    ] as const) {
      const { findings } = planRooms({
        ...nowhere,
        open: new Map([[ROOM, opening]]),
        records: new Map([[ROOM, { state, via: ['staff'], mode: 'granted' }]]),
        standings: new Map([[ROOM, standing]]),
      });
      expect(findings).toMatchObject([{ blocking: false, account: ANN, roomId: ROOM }]);
      expect(findings[0]?.message).toMatch(/^@ann:example\.com .*!eng:example\.com/);
    }
  });

  it('writes down through which groups and in which mode she has a room, when that changes', () => {
    const there = new Map<RoomId, Standing>([[ROOM, { membership: 'join', sender: BOT }]]);
    const records = (mode: RoomRecord['mode'], ...via: readonly string[]) =>
      planRooms({
        ...nowhere,
        open: new Map([[ROOM, opening]]),
        records: new Map([[ROOM, { state: 'joined', via, mode }]]),
        standings: there,
      }).records;
    expect([...records('granted', 'staff')]).toEqual([]);
    const now = [[ROOM, { state: 'joined', via: ['staff'], mode: 'granted' }]];
    expect([...records('additive', 'staff')]).toEqual(now);
    expect([...records('granted', 'ops')]).toEqual(now);
    expect([...records('granted', 'staff', 'ops')]).toEqual(now);
    const two = (...via: readonly string[]) =>
      planRooms({
        ...nowhere,
        open: new Map([[ROOM, { ...opening, via: ['ops', 'staff'] }]]),
        records: new Map([[ROOM, { state: 'joined', via, mode: 'granted' }]]),
        standings: there,
      }).records.get(ROOM)?.via;
    expect(two('staff', 'ops')).toBeUndefined();
    expect(two('staff')).toEqual(['ops', 'staff']);
    expect(two('staff', 'hr')).toEqual(['ops', 'staff']);
  });

  it('names the groups that give a room, and those that gave it', () => {
    const plan = planRooms({
      ...nowhere,
      open: new Map([[ROOM, opening]]),
      records: new Map([[OTHER, { state: 'joined', via: ['ops'], mode: 'exclusive' }]]),
      standings: new Map([[OTHER, { membership: 'join', sender: BOT }]]),
    });
    expect(plan.changes).toEqual([
      { kind: 'kick', account: ANN, roomId: OTHER, via: ['ops'] },
      { kind: 'join', account: ANN, roomId: ROOM, via: ['staff'] },
    ]);
  });

  it('decides about each room by itself', () => {
    const plan = planRooms({
      ...nowhere,
      open: new Map([[ROOM, opening]]),
      uncertain: new Set(['ops']),
      records: new Map([
        [OTHER, { state: 'joined', via: ['ops', 'hr'], mode: 'granted' }],
        [ROOM, { state: 'joined', via: ['staff'], mode: 'granted' }],
        [THIRD, { state: 'joined', via: ['hr', 'staff'], mode: 'granted' }],
      ]),
      standings: new Map([OTHER, ROOM, THIRD].map((id) => [id, { membership: 'join', sender: BOT }])),
    });
    expect([...plan.undecided]).toEqual([OTHER]);
    expect(plan.ended).toEqual([]);
    expect(plan.changes.map(({ kind, roomId }) => [kind, roomId])).toEqual([['kick', THIRD]]);
  });
});

describe('what is said to her', () => {
  const words = { added: 'Welcome', removed: 'Farewell' };
  it.each<[string, Case, string | undefined]>([
    ['welcomes her when the room opens', { isOpen: true }, 'Welcome'],
    [
      'welcomes her when she is joined over an invitation',
      { isOpen: true, standing: ['invite', MOD] },
      'Welcome',
    ],
    ['is nothing when she was in already', { isOpen: true, standing: ['join', MOD] }, undefined],
    ['is nothing new at another attempt', { isOpen: true, state: 'granted' }, undefined],
    [
      'is nothing when she is put back after somebody took her out',
      { isOpen: true, state: 'joined', standing: ['leave', BOT] },
      undefined,
    ],
    [
      'is nothing when she is put back after she left',
      { isOpen: true, state: 'joined', leave: 'undone', standing: ['leave', ANN] },
      undefined,
    ],
    [
      'takes leave of her when the room closes',
      { isOpen: false, state: 'joined', standing: ['join', ANN] },
      'Farewell',
    ],
    [
      'is nothing when an invitation is taken back',
      { isOpen: false, state: 'granted', standing: ['invite', BOT] },
      undefined,
    ],
    [
      'is nothing when she was out already',
      { isOpen: false, state: 'joined', standing: ['leave', ANN] },
      undefined,
    ],
    [
      'is nothing when she may stay',
      { isOpen: false, state: 'joined', mode: 'additive', standing: ['join', ANN] },
      undefined,
    ],
    [
      'is nothing while it is not known whether the room closes',
      { isOpen: false, isUncertain: true, state: 'joined', standing: ['join', ANN] },
      undefined,
    ],
  ])('%s', (_, room, word) => {
    expect(plan({ ...room, words }).word).toBe(word);
  });

  it('is only what the map says', () => {
    expect(plan({ isOpen: true, words: { added: undefined, removed: 'Farewell' } }).word).toBeUndefined();
  });
});

describe('who put her where she stands', () => {
  it.each<[RoomRecord['state'] | undefined, Membership, 'allowed' | 'undone', boolean]>([
    [undefined, 'leave', 'allowed', true],
    ['granted', 'leave', 'allowed', true],
    ['joined', 'leave', 'allowed', true],
    ['joined', 'leave', 'undone', true],
    ['left', 'leave', 'undone', true],
    ['left', 'leave', 'allowed', false],
    ['kicked', 'leave', 'undone', false],
    ['banned', 'leave', 'undone', false],
    ['joined', 'join', 'allowed', false],
    ['granted', 'invite', 'allowed', false],
    ['joined', 'ban', 'undone', false],
  ])(
    'matters to one who is recorded as %s, stands at %s and whose leaving is %s: %s',
    (state, membership, leave, isNeeded) => {
      expect(needsSender(state, membership, { ...opening, leave })).toBe(isNeeded);
    },
  );
});
