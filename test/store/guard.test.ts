import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { whole } from '../../src/pieces.ts';
import { type HeldChange, type HeldCount, type HoldView, holdsOf } from '../../src/plan/holds.ts';
import type { GuardStore } from '../../src/store/guard-store.ts';
import { openStore, openStoreBeside, openStoreReadOnly } from '../../src/store/sqlite/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { decideNow, seeHeld } from '../support/decide.ts';
import { linkOf } from '../support/people.ts';
import { tempDir } from '../support/temp-dir.ts';

const [ENG, OPS] = ['!eng:x', '!ops:x'] as [RoomId, RoomId];
const [ANN, BOB, CYD, DEE] = ['@ann:x', '@bob:x', '@cyd:x', '@dee:x'] as [UserId, UserId, UserId, UserId];
const HOUR = 60 * 60 * 1000;
const NOW = Date.UTC(2026, 0, 1);

let folder: string;
let store: Store;
let guard: GuardStore;
beforeEach(() => {
  folder = tempDir();
  store = openStore(folder);
  onTestFinished(() => store.close());
  guard = store.guard;
});

const kick = (account: UserId, rest: Partial<HeldChange> = {}): HeldChange => ({
  kind: 'kick',
  account,
  roomId: ENG,
  userId: `id of ${account}` as ResourceId,
  scope: 'room:!eng:x',
  detail: `kick ${account} from #eng`,
  since: NOW,
  verdict: undefined,
  cause: undefined,
  ...rest,
});
const verdicts = async () => (await guard.held()).map(({ account, verdict }) => `${account} ${verdict}`);

describe('a hold', () => {
  it('keeps its time, and changes its reason', async () => {
    await guard.openHold({ scope: 'total', reason: 'too many', since: NOW });
    await guard.openHold({ scope: 'map', reason: 'an edit', since: NOW - 1 });
    await guard.openHold({ scope: 'total', reason: 'far too many', since: NOW + 1 });
    expect(await guard.holds()).toEqual([
      { scope: 'map', reason: 'an edit', since: NOW - 1 },
      { scope: 'total', reason: 'far too many', since: NOW },
    ]);
  });

  it('ends with what was not decided in it, and with nothing else', async () => {
    for (const scope of ['room:!eng:x', 'total']) await guard.openHold({ scope, reason: '', since: NOW });
    await guard.hold([
      kick(BOB, { since: NOW + 1 }),
      kick(ANN),
      kick(CYD, { verdict: 'approved' }),
      kick(ANN, { scope: 'total', roomId: OPS }),
    ]);

    expect(await whole(guard.endHold('room:!eng:x'))).toEqual([kick(ANN), kick(BOB, { since: NOW + 1 })]);
    expect((await guard.holds()).map(({ scope }) => scope)).toEqual(['total']);
    expect(await verdicts()).toEqual([`${ANN} undefined`, `${CYD} approved`]);
    expect(await whole(guard.endHold('room:!eng:x'))).toEqual([]);
  });
});

describe('a held change', () => {
  it('comes back as it was written, the oldest first', async () => {
    const changes = [
      kick(BOB),
      kick(ANN, { since: NOW + 1, verdict: 'rejected' }),
      kick(ANN, { since: NOW + 2, kind: 'lower' }),
      kick(ANN, {
        since: NOW + 3,
        kind: 'restrict',
        roomId: undefined,
        userId: undefined,
        scope: 'accounts',
      }),
    ];
    await guard.hold(changes.toReversed());
    expect(await guard.held()).toEqual(changes);
    expect(new Set(await guard.heldOf(ANN))).toEqual(new Set(changes.slice(1)));
    expect(await guard.heldOf(CYD)).toEqual([]);
  });

  it('that is held again keeps its time and its verdict, unless there is another one', async () => {
    await guard.hold([kick(ANN), kick(BOB, { verdict: 'rejected' })]);
    const again = { since: NOW + HOUR, scope: 'total' };
    await guard.hold([kick(ANN, again), kick(BOB, again)]);
    expect(await guard.held()).toEqual([
      kick(ANN, { ...again, since: NOW }),
      kick(BOB, { ...again, since: NOW, verdict: 'rejected' }),
    ]);
    await guard.hold([kick(BOB, { verdict: 'approved' })]);
    expect(await verdicts()).toEqual([`${ANN} undefined`, `${BOB} approved`]);
  });

  it('that is held in other words is another change, which nobody decided about', async () => {
    await guard.hold([kick(BOB, { verdict: 'approved', detail: 'lock' })]);
    await guard.hold([kick(BOB, { detail: 'erase' })]);
    expect(await verdicts()).toEqual([`${BOB} undefined`]);
  });

  it('is forgotten alone', async () => {
    const restriction = kick(ANN, { kind: 'restrict', roomId: undefined });
    await guard.hold([kick(ANN), kick(ANN, { roomId: OPS }), kick(ANN, { kind: 'lower' }), restriction]);
    await guard.forget(kick(ANN));
    await guard.forget({ kind: 'restrict', account: ANN, roomId: undefined });
    expect((await guard.held()).map(({ kind, roomId }) => [kind, roomId])).toEqual([
      ['lower', ENG],
      ['kick', OPS],
    ]);
  });
});

describe('a decision', () => {
  beforeEach(async () => {
    for (const scope of ['room:!eng:x', 'total']) await guard.openHold({ scope, reason: '', since: NOW });
    await guard.hold([kick(ANN), kick(BOB, { verdict: 'rejected' }), kick(CYD, { scope: 'total' })]);
  });

  it('is about exactly one scope and what nobody decided in it, and ends the hold', async () => {
    await guard.hold([kick(DEE)]);
    expect(await decideNow(store, 'room:!eng:x', 'approved')).toEqual([
      { people: [`id of ${ANN}`], cause: undefined },
      { people: [`id of ${DEE}`], cause: undefined },
    ]);
    expect((await guard.holds()).map(({ scope }) => scope)).toEqual(['total']);
    expect(await verdicts()).toEqual([
      `${ANN} approved`,
      `${BOB} rejected`,
      `${CYD} undefined`,
      `${DEE} approved`,
    ]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['something was added', () => guard.hold([kick(DEE)])],
    ['something is gone', () => guard.forget(kick(ANN))],
    ['it is about somebody else', async () => [await guard.forget(kick(ANN)), await guard.hold([kick(DEE)])]],
    ['it is about something else', () => guard.hold([kick(ANN, { detail: 'ban' })])],
    ['a part of it was decided', () => guard.hold([kick(ANN, { verdict: 'rejected' })])],
    ['a part of it is held elsewhere', () => guard.hold([kick(ANN, { scope: 'total' })])],
    ['it went and came again', async () => [await guard.forget(kick(ANN)), await guard.hold([kick(ANN)])]],
  ])('changes nothing when %s since it was shown', async (_title, change) => {
    const [shown] = holdsOf(await guard.holds(), await guard.heldCounts());
    expect(shown?.scope).toBe('room:!eng:x');
    await change();
    const [now] = holdsOf(await guard.holds(), await guard.heldCounts());
    expect(now).toMatchObject({
      scope: 'room:!eng:x',
      digest: expect.not.stringMatching(shown?.digest ?? ''),
    });
    const before = await verdicts();
    expect(await guard.decide(shown as HoldView, 'approved')).toBeUndefined();
    expect(await verdicts()).toEqual(before);
    expect(await guard.holds()).toHaveLength(2);
  });

  it('is about what was shown, for whatever reason and since whenever it is held', async () => {
    const shown = await seeHeld(store, 'room:!eng:x');
    await guard.hold([kick(ANN, { cause: 'another pass', since: NOW + HOUR })]);
    await guard.hold([kick(DEE, { scope: 'accounts' })]);
    expect(await seeHeld(store, 'room:!eng:x')).toEqual(shown);
    expect(await guard.decide(shown, 'approved')).toHaveLength(1);
    expect(await verdicts()).toContain(`${ANN} approved`);
  });

  it('can be taken back', async () => {
    const rejected = await seeHeld(store, 'room:!eng:x', 'rejected');
    expect(await guard.decide(rejected, 'approved')).toEqual([
      { people: [`id of ${BOB}`], cause: undefined },
    ]);
    expect(await verdicts()).toEqual([`${ANN} undefined`, `${BOB} approved`, `${CYD} undefined`]);
  });

  it('tells whom it is about, also by the account that somebody had', async () => {
    await guard.hold([
      kick(DEE, { userId: undefined, cause: 'PATCH' }),
      kick(DEE, { roomId: OPS, userId: undefined }),
    ]);
    for (const id of ['dee', 'dee again'] as ResourceId[]) await store.people.saveLink(linkOf(id, DEE));
    const affected = await decideNow(store, 'room:!eng:x', 'rejected');
    expect(affected).toEqual([
      { people: [`id of ${ANN}`], cause: undefined },
      { people: ['dee', 'dee again'], cause: 'PATCH' },
    ]);
  });

  it('is made by a command beside the service, which sees it', async () => {
    await store.changedElsewhere();
    const beside = openStoreBeside(folder);
    onTestFinished(() => beside.close());
    await decideNow(beside, 'total', 'approved');
    expect(await store.changedElsewhere()).toBe(true);
    expect(await guard.heldOf(CYD)).toEqual([kick(CYD, { scope: 'total', verdict: 'approved' })]);
  });
});

describe('what was let through', () => {
  it('counts once for each change, at its last time', async () => {
    await guard.take(kick(ANN), NOW);
    await guard.take({ kind: 'restrict', account: ANN, roomId: undefined }, NOW + 1);
    await guard.take(kick(BOB), NOW + 2);
    await guard.take(kick(ANN), NOW + 3);
    const restriction = { kind: 'restrict', account: ANN, roomId: undefined };
    const [ofAnn, ofBob] = [ANN, BOB].map((account) => ({ kind: 'kick', account, roomId: ENG }));
    expect(await guard.taken(NOW)).toEqual([restriction, ofBob, ofAnn]);
    expect(await guard.taken(NOW + 3)).toEqual([ofAnn]);
    expect(await guard.taken(NOW + 4)).toEqual([]);
  });

  it('is forgotten after a day', async () => {
    await guard.take(kick(ANN), NOW);
    await guard.take(kick(BOB), NOW + 24 * HOUR);
    expect(await guard.taken(0)).toHaveLength(2);
    await guard.take(kick(CYD), NOW + 24 * HOUR + 1);
    expect(await guard.taken(0)).toHaveLength(2);
  });

  it('can be read, with all that is held, beside the service', async () => {
    await guard.openHold({ scope: 'total', reason: '', since: NOW });
    await guard.hold([kick(ANN)]);
    await guard.take(kick(BOB), NOW);
    const reader = openStoreReadOnly(folder);
    onTestFinished(() => reader.close());
    expect(await reader.guard.taken(NOW + 1)).toEqual([]);
    expect(await reader.guard.taken(NOW)).toHaveLength(1);
    expect(await reader.guard.held()).toEqual([kick(ANN)]);
    expect(await reader.guard.holds()).toHaveLength(1);
    await expect(decideNow(reader, 'total', 'approved')).rejects.toThrow(/readonly/);
  });
});

type Counted = Pick<HeldCount, 'scope' | 'verdict' | 'kind' | 'roomId' | 'changes'>;

/** How many changes of each kind, room, scope and verdict. */
function tally(counted: readonly Counted[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { scope, verdict, kind, roomId, changes } of counted) {
    const key = `${scope} ${verdict} ${kind} ${roomId}`;
    sums[key] = (sums[key] ?? 0) + changes;
  }
  return sums;
}

describe('how much is held', () => {
  it('is what is there and was not decided, in each scope and in all, whatever is done', async () => {
    const scopes = ['room:!eng:x', 'total', 'empty'];
    const people = [ANN, BOB, CYD, DEE];
    const verdictsOf = [undefined, undefined, 'approved', 'rejected'] as const;
    const step = fc.tuple(
      fc.nat(5),
      fc.constantFrom(...people),
      fc.constantFrom(ENG, OPS),
      fc.constantFrom(...scopes),
      fc.constantFrom(...verdictsOf),
      fc.constantFrom('in words', 'in other words'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const { guard: own, close } = openStore(tempDir());
        try {
          for (const [act, account, roomId, scope, verdict, detail] of steps) {
            const change = kick(account, { roomId, scope, verdict, detail });
            if (act <= 2) await own.hold([change]);
            else if (act === 3) await own.forget(change);
            else if (act === 4) await decideNow({ guard: own }, scope, verdict ?? 'approved');
            else if (verdict === 'approved') await own.forgetApproved();
            else await whole(own.endHold(scope));
            const held = await own.held();
            const waiting = held.filter((each) => each.verdict === undefined);
            expect(tally(await own.heldCounts())).toEqual(
              tally(held.map((each) => ({ ...each, changes: 1 }))),
            );
            expect(await own.countHeld()).toBe(waiting.length);
            for (const each of scopes) {
              expect(await own.countHeld(each)).toBe(waiting.filter((row) => row.scope === each).length);
            }
          }
        } finally {
          await close();
        }
      }),
      { numRuns: 40 },
    );
  });

  it('of a room as a whole is what is held there of nobody whom we gave it to', async () => {
    const stray = kick(BOB, { userId: undefined });
    const lowered = kick(ANN, { kind: 'lower', userId: undefined });
    await guard.hold([kick(ANN), kick(CYD, { roomId: OPS, userId: undefined }), stray, lowered]);
    expect(await guard.heldOfRoom(ENG)).toEqual([lowered, stray]);
    expect(await guard.heldOfRoom('!none:x' as RoomId)).toEqual([]);
  });
});
