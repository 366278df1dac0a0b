import { describe, expect, it } from 'vitest';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { type HeldChange, type Hold, holdsOf } from '../../src/plan/holds.ts';

const ENG = 'room:!eng:x';

function held(name: string, changes: Partial<HeldChange> = {}): HeldChange {
  return {
    kind: 'kick',
    account: `@${name}:x` as UserId,
    roomId: '!eng:x' as RoomId,
    userId: undefined,
    scope: ENG,
    detail: `remove ${name}`,
    cause: undefined,
    since: 5,
    verdict: undefined,
    ...changes,
  };
}

const [ann, bob] = [held('ann'), held('bob', { since: 3 })];
const hold: Hold = { scope: ENG, reason: 'too many', since: 4 };

/** The digest of the only hold. */
function digestOf(holds: readonly Hold[], changes: readonly HeldChange[]): string {
  const [only, ...more] = holdsOf(holds, changes);
  expect(more).toEqual([]);
  return only?.digest ?? '';
}

describe('what waits for a person', () => {
  it('is shown by scope, with the reason and the time of the hold', () => {
    const total: Hold = { scope: 'total', reason: 'far too many', since: 1 };
    const other = held('cyd', { scope: 'total' });
    expect(holdsOf([total, hold], [ann, other, bob])).toMatchObject([
      { scope: ENG, reason: 'too many', since: 4, verdict: undefined, changes: [ann, bob] },
      { scope: 'total', reason: 'far too many', since: 1, verdict: undefined, changes: [other] },
    ]);
  });

  it('is shown where nothing is held yet, and where the hold is gone', () => {
    expect(holdsOf([hold], [])).toMatchObject([{ scope: ENG, reason: 'too many', since: 4, changes: [] }]);
    expect(holdsOf([], [ann, bob])).toMatchObject([
      { scope: ENG, reason: ENG, since: 3, verdict: undefined, changes: [ann, bob] },
    ]);
  });

  it('is in the order of the scopes, however it was found', () => {
    const scopes = (holds: readonly Hold[], changes: readonly HeldChange[]) =>
      holdsOf(holds, changes).map(({ scope }) => scope);
    expect(
      scopes(
        [
          { ...hold, scope: 'total' },
          { ...hold, scope: 'accounts' },
        ],
        [ann],
      ),
    ).toEqual(['accounts', ENG, 'total']);
  });

  it('ends with its approval, and stays in sight when it was rejected', () => {
    expect(holdsOf([], [held('ann', { verdict: 'approved' })])).toEqual([]);
    const no = [held('ann', { verdict: 'rejected' }), held('bob', { verdict: 'rejected', since: 2 })];
    expect(holdsOf([hold], [...no, held('cyd')])).toMatchObject([
      { scope: ENG, reason: 'too many', verdict: undefined, changes: [held('cyd')] },
      { scope: ENG, since: 2, verdict: 'rejected', changes: no, reason: expect.stringContaining('rejected') },
    ]);
  });
});

describe('the digest of a hold', () => {
  it('is short, and the same in whatever order its changes are found', () => {
    expect(digestOf([hold], [ann, bob])).toMatch(/^[0-9a-f]{8}$/);
    expect(digestOf([hold], [ann, bob])).toBe(digestOf([hold], [bob, ann]));
  });

  it('is the same whenever it is looked at, and for whatever reason', () => {
    expect(digestOf([], [{ ...ann, since: 9, cause: 'a pass' }])).toBe(digestOf([hold], [ann]));
  });

  it.each<[string, readonly HeldChange[]]>([
    ['something is added', [ann, bob]],
    ['nothing is left', []],
    ['it is about somebody else', [held('bob', { detail: ann.detail })]],
    ['it is about something else', [held('ann', { kind: 'lower' })]],
    ['it says something else', [held('ann', { detail: 'remove her' })]],
    ['it was rejected', [held('ann', { verdict: 'rejected' })]],
    ['it is in another scope', [held('ann', { scope: 'total' })]],
  ])('is another one when %s', (_title, changes) => {
    const holds = changes.length === 0 ? [hold] : [];
    expect(digestOf(holds, changes)).not.toBe(digestOf([], [ann]));
  });
});
