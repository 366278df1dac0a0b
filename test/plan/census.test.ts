import { describe, expect, it } from 'vitest';
import type { UserId } from '../../src/matrix/ids.ts';
import { type AccountExpectation, driftOf, isEnded, isSettled, needOf } from '../../src/plan/census.ts';
import type { OffboardingPolicy } from '../../src/plan/offboarding.ts';
import type { Opening } from '../../src/plan/openings.ts';
import type { RoomRecord } from '../../src/plan/rooms.ts';

const ANN = '@ann:example.com' as UserId;

const usual: Opening = { via: ['eng'], mode: 'granted', leave: 'allowed', powerLevel: undefined };

function census(input: { isOpen: boolean; opening?: Opening; state?: RoomRecord['state']; isIn: boolean }) {
  const { isOpen, opening = usual, state, isIn } = input;
  const room = {
    open: new Map(isOpen ? [[ANN, { opening }]] : []),
    records: new Map<UserId, RoomRecord>(
      state === undefined ? [] : [[ANN, { state, via: ['eng'], mode: 'granted' }]],
    ),
    joined: new Set(isIn ? [ANN] : []),
  };
  return {
    ended: state !== undefined && isEnded(room, ANN),
    missing: isOpen && needOf(room, ANN, opening) !== undefined,
  };
}

describe('census of a room', () => {
  it.each([
    [
      'of whom the groups changed',
      { isOpen: true, opening: { ...usual, via: ['ops'] }, state: 'joined' as const, isIn: true },
      false,
      true,
    ],
    [
      'of whom the mode changed',
      {
        isOpen: true,
        opening: { ...usual, mode: 'additive' as const },
        state: 'joined' as const,
        isIn: true,
      },
      false,
      true,
    ],
    ['nobody when all is right', { isOpen: true, state: 'joined' as const, isIn: true }, false, false],
    ['who is out and was never in', { isOpen: true, isIn: false }, false, true],
    ['who is in without a record', { isOpen: true, isIn: true }, false, true],
    ['who is out though joined before', { isOpen: true, state: 'joined' as const, isIn: false }, false, true],
    ['nobody who left and stayed away', { isOpen: true, state: 'left' as const, isIn: false }, false, false],
    [
      'who left where that is undone',
      {
        isOpen: true,
        opening: { ...usual, leave: 'undone' as const },
        state: 'left' as const,
        isIn: false,
      },
      false,
      true,
    ],
    [
      'nobody when all is right, where leaving is undone',
      {
        isOpen: true,
        opening: { ...usual, leave: 'undone' as const },
        state: 'joined' as const,
        isIn: true,
      },
      false,
      false,
    ],
    ['who left and came back', { isOpen: true, state: 'left' as const, isIn: true }, false, true],
    ['nobody who is banned', { isOpen: true, state: 'banned' as const, isIn: false }, false, false],
    ['whose entitlement ended', { isOpen: false, state: 'joined' as const, isIn: true }, true, false],
    ['nobody who was never entitled', { isOpen: false, isIn: true }, false, false],
    ['who is in and was to be joined', { isOpen: true, state: 'granted' as const, isIn: true }, false, true],
    ['who is out and is to be joined', { isOpen: true, state: 'granted' as const, isIn: false }, false, true],
  ])('spots %s', (_title, input, ended, missing) => {
    expect(census(input)).toEqual({ ended, missing });
  });

  it.each<[RoomRecord['state'] | undefined, boolean, ReturnType<typeof needOf>]>([
    ['joined', true, undefined],
    ['joined', false, 'lost'],
    [undefined, false, 'missing'],
    [undefined, true, 'missing'],
    ['granted', false, 'missing'],
    ['left', false, undefined],
    ['left', true, 'missing'],
    ['kicked', false, undefined],
  ])('tells who was lost from who is missing: %s, and in the room: %s', (state, isIn, need) => {
    const records = new Map<UserId, RoomRecord>(
      state === undefined ? [] : [[ANN, { state, via: ['eng'], mode: 'granted' }]],
    );
    const room = { open: new Map(), records, joined: new Set(isIn ? [ANN] : []) };
    expect(needOf(room, ANN, usual)).toBe(need);
  });
});

describe('account in a full pass', () => {
  const policy: OffboardingPolicy = {
    onDeactivate: [{ step: 'lock', afterMs: 0 }],
    onDelete: [
      { step: 'lock', afterMs: 0 },
      { step: 'deactivate', afterMs: 100 },
    ],
  };
  const ann: AccountExpectation = {
    displayName: 'Ann',
    status: 'active',
    restriction: undefined,
    isCurrent: true,
    inactiveSince: undefined,
  };
  const found = { userId: ANN, displayName: 'Ann', deactivated: false, locked: false };

  it.each<[string, Partial<AccountExpectation>, boolean]>([
    ['is settled when she is active', {}, true],
    ['is to be looked at when external id or e-mail are others now', { isCurrent: false }, false],
    ['is to be given back to her who is active again', { restriction: 'lock' }, false],
    ['is to be locked when she is inactive', { status: 'inactive' }, false],
    ['is to be looked at once it is inactive', { status: 'inactive', inactiveSince: undefined }, false],
    [
      'is to be looked at once, though its lock is there',
      { status: 'inactive', restriction: 'lock', inactiveSince: undefined },
      false,
    ],
    ['is to be looked at when she is active again', { inactiveSince: 1000 }, false],
    ['is settled once it is locked', { status: 'inactive', restriction: 'lock' }, true],
    [
      'is to be deactivated when she is deleted after that',
      { status: 'deleted', restriction: 'lock' },
      false,
    ],
    [
      'stays deactivated whatever weaker is asked for',
      { status: 'inactive', restriction: 'deactivate' },
      true,
    ],
  ])('%s', (_title, changes, expected) => {
    const inactiveSince = changes.status === undefined ? undefined : 1000;
    expect(isSettled({ ...ann, inactiveSince, ...changes }, policy, 1100)).toBe(expected);
  });

  it('is settled when nothing is to be done to it', () => {
    const gone: AccountExpectation = { ...ann, status: 'deleted', inactiveSince: 1 };
    expect(isSettled(gone, { onDeactivate: [], onDelete: [] }, 2)).toBe(true);
  });

  it.each<[string, Partial<AccountExpectation>, Partial<typeof found>, boolean]>([
    ['has not drifted when it is as expected', {}, {}, false],
    ['has drifted when it was renamed', {}, { displayName: 'Somebody' }, true],
    [
      'may have any name when the provider gives none',
      { displayName: undefined },
      { displayName: 'x' },
      false,
    ],
    [
      'may have any name when she is gone',
      { status: 'deleted', restriction: 'lock' },
      { displayName: 'x', locked: true },
      false,
    ],
    ['has drifted when our lock was lifted', { status: 'inactive', restriction: 'lock' }, {}, true],
    ['has drifted when it was reactivated', { status: 'deleted', restriction: 'deactivate' }, {}, true],
    ['has not drifted when an admin locked it', {}, { locked: true }, false],
  ])('%s', (_title, expected, changes, drifted) => {
    expect(driftOf({ ...ann, ...expected }, { ...found, ...changes }) !== undefined).toBe(drifted);
  });

  it.each<
    [
      string,
      Partial<AccountExpectation>,
      { readonly displayName?: string | undefined; readonly isStranded?: boolean },
    ]
  >([
    ['is one that nobody can sign in to', {}, { isStranded: true }],
    ['was unlocked by somebody', { restriction: 'lock' }, {}],
    ['was reactivated by somebody', { restriction: 'deactivate' }, {}],
    ['was reactivated by somebody', { restriction: 'erase' }, {}],
    ['has the display name "Bob" instead of "Ann"', {}, { displayName: 'Bob' }],
    ['has the display name "" instead of "Ann"', {}, { displayName: undefined }],
  ])('%s, and that is said: %j', (words, expected, changes) => {
    expect(driftOf({ ...ann, ...expected }, { ...found, ...changes })).toBe(words);
  });
});
