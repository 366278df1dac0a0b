import { describe, expect, it } from 'vitest';
import type { Restriction } from '../../src/matrix/homeserver.ts';
import { type Ladder, rungAt, strongerOf } from '../../src/plan/offboarding.ts';

const slow: Ladder = [
  { step: 'lock', afterMs: 0 },
  { step: 'rooms', afterMs: 10 },
  { step: 'erase', afterMs: 30 },
  { step: 'deactivate', afterMs: 20 },
];
const SINCE = 1000;

describe('somebody who left', () => {
  it.each([
    [0, { takesRooms: false, restriction: 'lock', next: { step: 'rooms', at: 1010 } }],
    [9, { takesRooms: false, restriction: 'lock', next: { step: 'rooms', at: 1010 } }],
    [10, { takesRooms: true, restriction: 'lock', next: { step: 'deactivate', at: 1020 } }],
    [20, { takesRooms: true, restriction: 'deactivate', next: { step: 'erase', at: 1030 } }],
    [30, { takesRooms: true, restriction: 'erase', next: undefined }],
  ])('is after %i ms where the ladder says', (ms, rung) => {
    expect(rungAt(slow, SINCE, SINCE + ms)).toEqual(rung);
  });

  it('is not restricted by what takes the rooms', () => {
    const ladder: Ladder = [
      { step: 'rooms', afterMs: 0 },
      { step: 'lock', afterMs: 5 },
    ];
    expect(rungAt(ladder, SINCE, SINCE)).toMatchObject({ takesRooms: true, restriction: undefined });
  });

  it('loses the rooms at once when the ladder does not name them', () => {
    expect(rungAt([{ step: 'lock', afterMs: 5 }], SINCE, SINCE)).toEqual({
      takesRooms: true,
      restriction: undefined,
      next: { step: 'lock', at: 1005 },
    });
    expect(rungAt([], SINCE, SINCE)).toEqual({ takesRooms: true, restriction: undefined, next: undefined });
  });
});

describe('of two restrictions', () => {
  const inOrder = [undefined, 'suspend', 'lock', 'deactivate', 'erase'] as const;
  const pairs = inOrder.flatMap((a, i) => inOrder.slice(i).map((b) => [a, b] as const));

  it.each(pairs)('%s and %s, the second counts', (weaker, stronger) => {
    const expected: Restriction | undefined = stronger;
    expect(strongerOf(weaker, stronger)).toBe(expected);
    expect(strongerOf(stronger, weaker)).toBe(expected);
  });
});
