import { describe, expect, it } from 'vitest';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { isAbove, keyOf, reasonFor, type Scope, scopesOf, type TakeAway } from '../../src/plan/guard.ts';

const ENG = '!eng:x' as RoomId;
const [MEMBERS, LEVELS] = [`room:${ENG}`, `levels:${ENG}`] as const;
const ANN = '@ann:x' as UserId;
const taking = (kind: TakeAway['kind'], roomId: RoomId | undefined): TakeAway => ({
  kind,
  account: ANN,
  roomId,
});

describe('what is taken away', () => {
  it.each<[TakeAway, readonly Scope[]]>([
    [taking('kick', ENG), [MEMBERS, 'total']],
    [taking('lower', ENG), [LEVELS]],
    [taking('restrict', undefined), ['accounts']],
    [taking('revoke-admin', undefined), ['admins']],
  ])('counts where it belongs: %j', (change, scopes) => {
    expect(scopesOf(change)).toEqual(scopes);
  });

  it('is one whoever names it, and another one in another room, of another person or of another kind', () => {
    const keys = [
      taking('kick', ENG),
      taking('lower', ENG),
      taking('kick', '!ops:x' as RoomId),
      taking('restrict', undefined),
      taking('revoke-admin', undefined),
      { ...taking('kick', ENG), account: '@bob:x' as UserId },
    ].map(keyOf);
    expect(new Set(keys).size).toBe(6);
    expect(keyOf({ ...taking('kick', ENG) })).toBe(keys[0]);
  });
});

describe('a limit', () => {
  it.each([
    ['a share of those who have it', { wanted: 10, done: 0, of: 100 }, { percent: 10, count: 0 }, false],
    ['one more than the share', { wanted: 11, done: 0, of: 100 }, { percent: 10, count: 0 }, true],
    ['what was taken within the hour, too', { wanted: 5, done: 6, of: 100 }, { percent: 10, count: 0 }, true],
    ['a share that is no whole number', { wanted: 2, done: 0, of: 19 }, { percent: 10, count: 0 }, true],
    ['few of a few', { wanted: 3, done: 0, of: 3 }, { percent: 10, count: 3 }, false],
    ['more than a few of a few', { wanted: 3, done: 1, of: 3 }, { percent: 10, count: 3 }, true],
    ['a share that is more than a few', { wanted: 10, done: 0, of: 100 }, { percent: 10, count: 3 }, false],
    ['all where there is none', { wanted: 100, done: 100, of: 100 }, { percent: 100, count: 0 }, false],
    ['anything where none may be', { wanted: 1, done: 0, of: 100 }, { percent: 0, count: 0 }, true],
  ])('is asked about %s', (_title, tally, limit, above) => {
    expect(isAbove(tally, limit)).toBe(above);
  });

  const nameOf = (room: RoomId): string => `the room ${room}`;
  it.each<[Scope, number, number, string]>([
    [
      'total',
      30,
      0,
      '30 removals from rooms, of 100 memberships; without approval 10 an hour (10 %, at least 5)',
    ],
    [
      'accounts',
      30,
      2,
      '30 accounts to be locked or more after 2 in the last hour, of 100; without approval 10 an hour (10 %, at least 5)',
    ],
    [
      'admins',
      3,
      8,
      '3 server admins to be none any more after 8 in the last hour, of 100; without approval 10 an hour (10 %, at least 5)',
    ],
    [
      MEMBERS,
      30,
      0,
      '30 removals from the room !eng:x, of 100 members; without approval 10 an hour (10 %, at least 5)',
    ],
    [
      LEVELS,
      1,
      10,
      '1 lowered power level in the room !eng:x after 10 in the last hour, of 100; without approval 10 an hour (10 %, at least 5)',
    ],
  ])('that closes %s says it with its numbers', (scope, wanted, done, expected) => {
    expect(reasonFor(scope, { wanted, done, of: 100 }, { percent: 10, count: 5 }, nameOf)).toBe(expected);
  });

  it('speaks of one as of one', () => {
    const reason = reasonFor(MEMBERS, { wanted: 1, done: 0, of: 1 }, { percent: 0, count: 0 }, nameOf);
    expect(reason).toMatch(/^1 removal from the room !eng:x, of 1 member; without approval 0 an hour/);
  });
});
