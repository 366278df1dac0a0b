import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Attributes, ResourceId, SourceId } from '../../src/directory/resource.ts';
import { keyOf } from '../../src/plan/guard.ts';
import type { Course, Execution } from '../../src/reconcile/executor.ts';
import { createLocks } from '../../src/reconcile/locks.ts';
import { emptyPlan, type PersonPlan } from '../../src/reconcile/person-plan.ts';
import { createPersonReconciler } from '../../src/reconcile/person-reconciler.ts';
import type { AccountLink, WorkItem } from '../../src/store/store.ts';
import { ENG, guardDesk, OPS } from '../support/guard-desk.ts';
import { ACCOUNT, ANN, KICK, LOCK, link, NOW, SOURCE, UPDATE } from '../support/people-desk.ts';

const KICK_OPS = { ...KICK, roomId: OPS };
const TAKEN = { kind: 'kick', account: ACCOUNT, roomId: ENG } as const;
const LOCKED = { kind: 'restrict', account: ACCOUNT, roomId: undefined } as const;
const PROBLEM = { kind: 'refused', message: 'no' };

/** A reconciler with the real guard and locks; plans and their execution are as a test says. */
async function desk() {
  const { store, guard, hold, close, fill } = await guardDesk();
  await fill();
  const state = {
    edition: 3,
    plan: { account: ACCOUNT, edition: 3 } as Partial<PersonPlan>,
    execute: async (_: Course): Promise<Execution> => ({ problems: [], unmade: [] }),
    planned: [] as PersonPlan[],
    /** Who is being looked at, and how many at most at once. */
    looking: new Set<ResourceId>(),
    most: 0,
  };
  const reconcile = createPersonReconciler({
    ...{ store, guard, inTurn: createLocks(), house: { edition: () => state.edition } },
    policy: { localpart: '{userName}', serverName: 'usher.test' },
    async plan(userId) {
      state.looking.add(userId);
      for (let turn = 0; turn < 5; turn += 1) await setImmediate();
      return { ...emptyPlan(userId), isDecided: () => true, ...state.plan };
    },
    async execute({ userId }, course) {
      state.most = Math.max(state.most, state.looking.size);
      for (let turn = 0; turn < 5; turn += 1) await setImmediate();
      state.looking.delete(userId);
      return state.execute(course);
    },
    onPlanned: async (plan) => void state.planned.push(plan),
  });
  const item = async (userId: ResourceId = ANN): Promise<WorkItem> => {
    await store.work.mark([userId], 'small', NOW, 'a push');
    const query = { now: NOW, order: 'newest', urgencies: ['small'], except: [] } as const;
    const next = await store.work.next(query);
    if (next === undefined) throw new Error('nobody is marked');
    return next;
  };
  return {
    ...{ store, state, hold, close, item, reconcile },
    taken: async () => (await store.guard.taken(0)).map(keyOf).toSorted(),
    push: (source: string, attributes: Attributes) => store.users.create(source as SourceId, attributes, NOW),
  };
}

describe('a look at a person', () => {
  it('tells what could not be done, and of what plan', async () => {
    const { reconcile, state, item } = await desk();
    state.execute = async () => ({ problems: [PROBLEM], unmade: [] });
    expect(await reconcile(await item())).toEqual({ problems: [PROBLEM], wasRead: true, isOutdated: false });
    expect(state.planned).toMatchObject([{ userId: ANN, account: ACCOUNT }]);
  });

  it('of whom no account is known does not mean that the homeserver answered', async () => {
    const { reconcile, state, item, close } = await desk();
    await close('imported');
    let held: ReadonlySet<string> | undefined;
    state.execute = async (course) => {
      held = course.held;
      return { problems: [], unmade: [] };
    };
    state.plan = { edition: 3, changes: [KICK] };
    expect(await reconcile(await item())).toMatchObject({ wasRead: false });
    expect(held).toEqual(new Set());
  });

  it('is worth nothing when the map or its rooms changed meanwhile', async () => {
    const { reconcile, state, item } = await desk();
    state.execute = async () => {
      state.edition = 4;
      return { problems: [], unmade: [] };
    };
    expect(await reconcile(await item())).toMatchObject({ isOutdated: true });
  });

  it('is current until she is marked again, or the map or its rooms change', async () => {
    const { reconcile, state, item, store } = await desk();
    const seen: boolean[] = [];
    let mark = false;
    state.execute = async ({ isCurrent }) => {
      seen.push(await isCurrent());
      state.edition = 4;
      seen.push(await isCurrent());
      state.edition = 3;
      if (mark) await store.work.mark([ANN], 'small', NOW);
      seen.push(await isCurrent());
      return { problems: [], unmade: [] };
    };
    await reconcile(await item());
    mark = true;
    await reconcile(await item());
    expect(seen).toEqual([true, false, true, true, false, false]);
  });
});

describe('what a look at a person takes away', () => {
  it('is held if its scope is closed, for what led to it; the rest counts', async () => {
    const { reconcile, state, item, close, store, taken } = await desk();
    await close(`room:${ENG}`);
    let course: Course | undefined;
    state.plan = { ...state.plan, changes: [KICK, KICK_OPS, LOCK, UPDATE] };
    state.execute = async (given) => {
      course = given;
      return { problems: [], unmade: [KICK] };
    };
    await reconcile(await item());
    expect(course).toMatchObject({ held: new Set([keyOf(TAKEN)]), cause: 'a push' });
    expect(await store.guard.held()).toMatchObject([{ ...TAKEN, userId: ANN, cause: 'a push' }]);
    expect(await taken()).toEqual([keyOf({ ...TAKEN, roomId: OPS }), keyOf(LOCKED)]);
  });

  it('does not count if it was let through and certainly not made', async () => {
    const { reconcile, state, item, taken } = await desk();
    state.plan = { ...state.plan, changes: [KICK, KICK_OPS, LOCK, UPDATE] };
    state.execute = async () => ({ problems: [], unmade: [KICK, LOCK, UPDATE] });
    await reconcile(await item());
    expect(await taken()).toEqual([keyOf({ ...TAKEN, roomId: OPS })]);
  });

  it('counts as before if it is held now, and was made within the hour', async () => {
    const { reconcile, state, item, close, store, taken } = await desk();
    await close(`room:${ENG}`);
    await store.guard.take(TAKEN, NOW - 1);
    state.plan = { ...state.plan, changes: [KICK] };
    state.execute = async () => ({ problems: [], unmade: [KICK] });
    await reconcile(await item());
    expect(await taken()).toEqual([keyOf(TAKEN)]);
  });

  it('is forgotten where it is not wanted any more, if that is certain', async () => {
    const { reconcile, state, item, hold, store } = await desk();
    const rows = [ENG, OPS].map((roomId) => ({
      ...{ ...TAKEN, roomId, userId: ANN, detail: '', cause: undefined },
    }));
    await hold('total', rows, 'rejected');
    state.plan = { ...state.plan, isDecided: ({ roomId }) => roomId === OPS };
    await reconcile(await item());
    expect(await store.guard.held()).toMatchObject([{ roomId: ENG }]);
  });
});

describe('people', () => {
  const emails = (value: string) => ({ emails: [{ value }] });
  type Side = { readonly attributes?: Attributes; readonly link?: Partial<AccountLink> };
  const other = {
    account: '@other:usher.test',
    externalId: undefined,
    email: undefined,
  } as Partial<AccountLink>;
  const cases: readonly [string, Side, Side, number][] = [
    ['of one name', { attributes: { userName: 'ann' } }, { attributes: { userName: 'Ann' } }, 1],
    ['of one account and name', { link: {} }, { attributes: { userName: 'ann' } }, 1],
    [
      'of one external id',
      { attributes: { userName: 'a', externalId: 'x' } },
      { attributes: { userName: 'b', externalId: 'x' } },
      1,
    ],
    [
      'who had and has an external id',
      { link: { ...other, externalId: 'x' } },
      { attributes: { userName: 'b', externalId: 'x' } },
      1,
    ],
    [
      'of one e-mail',
      { attributes: { userName: 'a', ...emails('A@x') } },
      { attributes: { userName: 'b', ...emails('a@X') } },
      1,
    ],
    [
      'who had and has an e-mail',
      { link: { ...other, email: 'a@x' } },
      { attributes: { userName: 'b', ...emails('A@x') } },
      1,
    ],
    ['with nothing in common', { attributes: { userName: 'a' } }, { attributes: { userName: 'b' } }, 2],
    ['of whom nothing is known', {}, {}, 2],
    ['who can have no name', { attributes: { userName: '1' } }, { attributes: { userName: '2' } }, 2],
    [
      'one of whom has as external id what is the e-mail of the other, or her account',
      { attributes: { userName: 'a', externalId: 'b@x', ...emails('@b:usher.test') } },
      { attributes: { userName: 'b', externalId: '@a:usher.test', ...emails('b@x') } },
      2,
    ],
  ];
  it.each(cases)(
    '%s are looked at one after the other, or at once if they are strangers',
    async (_, one, two, most) => {
      const { reconcile, state, item, push, store } = await desk();
      const items: WorkItem[] = [];
      for (const [index, side] of [one, two].entries()) {
        const source = index === 0 ? SOURCE : 'other';
        const pushed = side.attributes && (await push(source, side.attributes));
        const userId = pushed?.id ?? (`unknown-${index}` as ResourceId);
        if (side.link !== undefined) await store.people.saveLink(link({ ...side.link, userId }));
        items.push({ ...(await item()), userId });
      }
      await Promise.all(items.map(reconcile));
      expect(state.most).toBe(most);
      expect(state.planned).toHaveLength(2);
    },
  );
});
