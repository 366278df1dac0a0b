import { describe, expect, it } from 'vitest';
import type { Membership } from '../../src/matrix/homeserver.ts';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { planRooms, type RoomRecord, type Standing } from '../../src/plan/rooms.ts';

const ANN = '@ann:example.com' as UserId;
const BOT = '@usher:example.com' as UserId;
const MOD = '@mod:example.com' as UserId;
const ROOM = '!eng:example.com' as RoomId;

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
  });
  return {
    change: result.changes[0]?.kind,
    record: result.records.get(ROOM)?.state,
    ended: result.ended.includes(ROOM),
    finding: result.findings[0]?.code,
  };
}

const nothing = { change: undefined, record: undefined, ended: false, finding: undefined };

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
      {},
    ],
    [
      'takes what ended in a room that is known, though another one is not',
      { isOpen: false, isElsewhereUncertain: true, state: 'joined', standing: ['join', ANN] },
      { change: 'kick' },
    ],
    [
      'takes nothing while a room of her group is not known',
      { isOpen: false, isUncertain: true, state: 'joined', standing: ['join', ANN] },
      {},
    ],
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
      'leaves an invitation to the one who sent it',
      { isOpen: false, state: 'left', standing: ['invite', MOD] },
      { ended: true },
    ],
    ['never touches her where she was not entitled', { isOpen: false, standing: ['join', ANN] }, {}],
  ])('%s', (_title, input, expected) => {
    expect(plan(input)).toEqual({ ...nothing, ...expected });
  });
});
