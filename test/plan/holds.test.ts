import { describe, expect, it } from 'vitest';
import type { RoomId } from '../../src/matrix/ids.ts';
import { type HeldCount, type Hold, holdsOf, sizeOf } from '../../src/plan/holds.ts';

const ENG = 'room:!eng:x';

function counted(mark: string, rest: Partial<HeldCount> = {}): HeldCount {
  return {
    ...{ scope: ENG, verdict: undefined, kind: 'kick', roomId: '!eng:x' as RoomId },
    ...{ changes: 1, since: 5, mark, ...rest },
  };
}

const [some, more] = [counted('a'), counted('b', { kind: 'lower', changes: 2, since: 3 })];
const hold: Hold = { scope: ENG, reason: 'too many', since: 4 };

/** The digest of the only hold. */
function digestOf(holds: readonly Hold[], counts: readonly HeldCount[]): string {
  const [only, ...others] = holdsOf(holds, counts);
  expect(others).toEqual([]);
  return only?.digest ?? '';
}

describe('what waits for a person', () => {
  it('is shown by scope, with the reason and the time of the hold', () => {
    const total: Hold = { scope: 'total', reason: 'far too many', since: 1 };
    const other = counted('c', { scope: 'total' });
    const holds = holdsOf([total, hold], [some, other, more]);
    expect(holds).toMatchObject([
      { scope: ENG, reason: 'too many', since: 4, verdict: undefined, counts: [some, more] },
      { scope: 'total', reason: 'far too many', since: 1, verdict: undefined, counts: [other] },
    ]);
    expect(holds.map(sizeOf)).toEqual([3, 1]);
  });

  it('is shown where nothing is held yet, and where the hold is gone', () => {
    expect(holdsOf([hold], [])).toMatchObject([{ scope: ENG, reason: 'too many', since: 4, counts: [] }]);
    expect(holdsOf([], [some, more])).toMatchObject([
      { scope: ENG, reason: ENG, since: 3, verdict: undefined, counts: [some, more] },
    ]);
  });

  it('is in the order of the scopes, however it was found', () => {
    const scopes = (holds: readonly Hold[], counts: readonly HeldCount[]) =>
      holdsOf(holds, counts).map(({ scope }) => scope);
    const holds = ['total', 'accounts'].map((scope) => ({ ...hold, scope }));
    expect(scopes(holds, [some])).toEqual(['accounts', ENG, 'total']);
    const rejected = ['total', 'accounts'].map((scope) => counted(scope, { scope, verdict: 'rejected' }));
    expect(scopes([], rejected)).toEqual(['accounts', 'total']);
  });

  it('ends with its approval, and stays in sight when it was rejected', () => {
    expect(holdsOf([], [counted('a', { verdict: 'approved' })])).toEqual([]);
    const no = [counted('a', { verdict: 'rejected' }), counted('b', { verdict: 'rejected', since: 2 })];
    expect(holdsOf([hold], [...no, some])).toMatchObject([
      { scope: ENG, reason: 'too many', verdict: undefined, counts: [some] },
      { scope: ENG, since: 2, verdict: 'rejected', counts: no, reason: expect.stringContaining('rejected') },
    ]);
  });
});

describe('the digest of a hold', () => {
  it('is short, and the same in whatever order its counts are found', () => {
    expect(digestOf([hold], [some, more])).toMatch(/^[0-9a-f]{8}$/);
    expect(digestOf([hold], [some, more])).toBe(digestOf([hold], [more, some]));
  });

  it('is the same whenever it is looked at, and for whatever reason', () => {
    expect(digestOf([], [{ ...some, since: 9 }])).toBe(digestOf([hold], [some]));
  });

  it.each<[string, readonly HeldCount[]]>([
    ['something is added', [some, more]],
    ['nothing is left', []],
    ['what is counted has changed', [counted('b')]],
    ['it is about something else', [counted('a', { kind: 'lower' })]],
    ['it is about another room', [counted('a', { roomId: '!ops:x' as RoomId })]],
    ['it was rejected', [counted('a', { verdict: 'rejected' })]],
    ['it is in another scope', [counted('a', { scope: 'total' })]],
  ])('is another one when %s', (_title, counts) => {
    const holds = counts.length === 0 ? [hold] : [];
    expect(digestOf(holds, counts)).not.toBe(digestOf([], [some]));
  });
});
