import { describe, expect, it } from 'vitest';
import { unlinkPerson } from '../../src/desk/link.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import { userId } from '../../src/matrix/ids.ts';
import type { PersonChange } from '../../src/plan/change.ts';
import { keyOf } from '../../src/plan/guard.ts';
import {
  ACCOUNT,
  ANN,
  AVATAR,
  BOB,
  BROKEN,
  CREATE,
  ENG,
  ERASE,
  entitlement,
  executorDesk,
  JOIN,
  LOCK,
  link,
  NOW,
  REFUSED,
  REVIVE,
  UNLOCK,
  UPDATE,
} from '../support/people-desk.ts';

const LOCK_KEY = keyOf({ kind: 'restrict', account: ACCOUNT, roomId: undefined });
const OUTAGE = new HomeserverError('unavailable', 'down');

describe('the links of an account, while its plan is made', () => {
  it('are those of before, so that an outage in between leaves what is true', async () => {
    const { run, state, link: saved } = executorDesk();
    state.answers = new Map([[UPDATE, OUTAGE]]);
    const [before, after] = [link({ email: 'old@x' }), link({ email: 'new@x' })];
    await expect(run({ changes: [UPDATE], linksNow: [before], links: [after] })).rejects.toBe(OUTAGE);
    expect(await saved()).toEqual(before);
  });

  it('say already that the account may be locked, and by which step', async () => {
    const { run, state, restriction, steps } = executorDesk();
    state.answers = new Map([[ERASE, OUTAGE]]);
    const before = link({ restriction: 'lock' });
    await expect(run({ changes: [ERASE, UNLOCK], linksNow: [before] })).rejects.toBe(OUTAGE);
    expect([await restriction(), await steps.beneath(ACCOUNT)]).toEqual(['erase', ['lock']]);
  });

  it('say what is on the account when nothing is put there', async () => {
    const { run, state, restriction, steps } = executorDesk();
    state.answers = new Map([[UNLOCK, OUTAGE]]);
    await expect(run({ changes: [UNLOCK], linksNow: [link({ restriction: 'lock' })] })).rejects.toBe(OUTAGE);
    expect([await restriction(), await steps.open()]).toEqual(['lock', []]);
  });

  it('do not say that the account is locked when that is held', async () => {
    const { run, state, restriction, steps } = executorDesk();
    state.answers = new Map([[UPDATE, OUTAGE]]);
    const plan = { changes: [LOCK, UPDATE], links: [link({ restriction: 'lock' })] };
    await expect(run(plan, { held: [LOCK_KEY] })).rejects.toBe(OUTAGE);
    expect([await restriction(), await steps.open()]).toEqual([undefined, []]);
  });

  it('are not written down for nobody’s account, nor are rooms', async () => {
    const { run, store, link: saved, rooms } = executorDesk();
    await store.people.saveEntitlement(entitlement(ENG));
    const ended = [ENG];
    await run({ account: undefined, changes: [], linksNow: [link()], links: [], ended });
    expect([await saved(), await rooms()]).toEqual([undefined, [entitlement(ENG)]]);
  });
});

describe('the links of an account, after its plan was made', () => {
  it('are as planned', async () => {
    const { run, link: saved } = executorDesk();
    const after = link({ email: 'new@x', inactiveSince: 7 });
    await run({ changes: [UPDATE], linksNow: [link()], links: [after] });
    expect(await saved()).toEqual(after);
  });

  it.each([
    ['refused', REFUSED],
    ['broken off', BROKEN],
  ])('are those of before when the update was %s', async (_, answer) => {
    const { run, state, link: saved } = executorDesk();
    state.answers = new Map([[UPDATE, answer]]);
    const plan = { linksNow: [link({ email: 'old@x' })], links: [link({ email: 'new@x' })] };
    await run({ ...plan, changes: [UPDATE, JOIN] });
    expect(await saved()).toEqual(link({ email: 'old@x' }));
  });

  it('are as planned when something else than the update was refused', async () => {
    const { run, state, link: saved } = executorDesk();
    state.answers = new Map([[JOIN, REFUSED]]);
    await run({ changes: [UPDATE, JOIN], links: [link({ email: 'new@x' })] });
    expect(await saved()).toEqual(link({ email: 'new@x' }));
  });

  it('keep the avatar that was set meanwhile', async () => {
    const { run, state, store, link: saved } = executorDesk();
    state.meanwhile = () => store.people.saveLink(link({ photo: 'new photo', avatar: 'new' }));
    await run({ changes: [AVATAR], links: [link({ email: 'new@x' })] });
    expect(await saved()).toEqual(link({ email: 'new@x', photo: 'new photo', avatar: 'new' }));
  });

  it('are gone, with her rooms, when she was unlinked meanwhile', async () => {
    const { run, state, store, link: saved, rooms } = executorDesk();
    state.meanwhile = async () => {
      const found = { userId: ANN, user: undefined, link: link() };
      await unlinkPerson(store, found, { who: 'admin', now: NOW });
    };
    const record = { state: 'granted', via: ['g'], mode: 'granted' } as const;
    await run({ changes: [JOIN], records: new Map([[ENG, record]]) });
    expect(state.made).toEqual([JOIN]);
    expect([await saved(), await rooms()]).toEqual([undefined, []]);
  });

  it('are of another account when she was linked to that meanwhile', async () => {
    const { run, state, store, link: saved } = executorDesk();
    const other = link({ account: userId('ann2', 'usher.test') });
    state.meanwhile = () => store.people.saveLink(other);
    await run({ changes: [UPDATE] });
    expect(await saved()).toEqual(other);
  });

  it('of those who are gone are removed', async () => {
    const { run, store } = executorDesk();
    await store.people.saveLink(link({ userId: BOB }));
    await run({ superseded: [BOB] });
    expect((await store.people.linksOf(ACCOUNT)).map(({ userId }) => userId)).toEqual([ANN]);
  });

  it.each<[string, typeof REFUSED | undefined, readonly string[], boolean | undefined]>([
    ['certain once the account is made', undefined, [ANN], true],
    ['gone with the attempt when it was refused', REFUSED, [BOB], undefined],
    ['kept, and uncertain, when it broke off', BROKEN, [ANN, BOB], false],
  ])('of an account that is new are %s', async (_, answer, remaining, isConfirmed) => {
    const { run, state, store, link: saved } = executorDesk();
    await store.people.saveLink(link({ userId: BOB }));
    if (answer !== undefined) state.answers = new Map([[CREATE, answer]]);
    await run({
      ...{ changes: [CREATE, UPDATE], linksNow: [link({ isConfirmed: false })], links: [link()] },
      ...{ newcomers: [ANN], superseded: [BOB] },
    });
    const links = await store.people.linksOf(ACCOUNT);
    expect(links.map(({ userId }) => userId).toSorted()).toEqual(remaining);
    expect((await saved())?.isConfirmed).toBe(isConfirmed);
  });

  it('of newcomers stay when something else than making the account was refused', async () => {
    const { run, state, store, link: saved } = executorDesk();
    state.answers = new Map([[JOIN, REFUSED]]);
    state.meanwhile = () => store.people.saveLink(link({ avatar: 'new' }));
    await run({ changes: [CREATE, JOIN], newcomers: [ANN] });
    expect(await saved()).toEqual(link({ avatar: 'new' }));
  });
});

describe('what is known to be on the account', () => {
  const cases: readonly [
    string,
    readonly PersonChange[],
    'lock' | 'deactivate' | 'erase' | undefined,
    ReadonlyMap<PersonChange, typeof REFUSED>,
    string | undefined,
    boolean,
  ][] = [
    ['the new lock, once it holds', [LOCK], undefined, new Map(), 'lock', false],
    ['the new lock, when it may hold', [LOCK], undefined, new Map([[LOCK, BROKEN]]), 'lock', true],
    ['nothing, when the lock was refused', [LOCK], undefined, new Map([[LOCK, REFUSED]]), undefined, false],
    [
      'the lock still, when it was to be taken again',
      [LOCK],
      'lock',
      new Map([[LOCK, REFUSED]]),
      'lock',
      false,
    ],
    ['the deactivation, not erased', [ERASE], 'deactivate', new Map([[ERASE, REFUSED]]), 'deactivate', false],
    ['the stronger one', [ERASE, UNLOCK], 'lock', new Map(), 'erase', false],
    ['the stronger one, above another', [ERASE, UNLOCK], 'lock', new Map([[UNLOCK, REFUSED]]), 'erase', true],
    ['the weaker one still', [ERASE, UNLOCK], 'lock', new Map([[ERASE, REFUSED]]), 'lock', false],
    ['nothing, once it is given back', [UNLOCK], 'lock', new Map(), undefined, false],
    ['the lock, if that was not lifted', [UNLOCK], 'lock', new Map([[UNLOCK, REFUSED]]), 'lock', false],
    ['the lock, if it may not be lifted', [UNLOCK], 'lock', new Map([[UNLOCK, BROKEN]]), 'lock', false],
    ['what was there, when no step is taken', [UPDATE], 'lock', new Map(), 'lock', false],
  ];
  it.each(cases)('is %s', async (_, changes, before, answers, after, isUnderWay) => {
    const { run, state, restriction, steps } = executorDesk();
    state.answers = answers;
    const wanted = changes.find((change) => change.kind === 'restrict')?.restriction;
    const planned = changes.includes(UNLOCK) ? wanted : (wanted ?? before);
    const linksNow = [link({ restriction: before })];
    await run({ changes, linksNow, links: [link({ restriction: planned })] });
    expect(await restriction()).toBe(after);
    expect(await steps.open()).toEqual(isUnderWay ? [ACCOUNT] : []);
  });

  it('is the deactivation still, when its erasure is held', async () => {
    const { run, restriction } = executorDesk();
    const linksNow = [link({ restriction: 'deactivate' })];
    const links = [link({ restriction: 'erase' })];
    await run({ changes: [ERASE], linksNow, links }, { held: [LOCK_KEY] });
    expect(await restriction()).toBe('deactivate');
  });

  it('stays uncertain when a step that was under way is refused now', async () => {
    const { run, state, steps } = executorDesk();
    await steps.begin(ACCOUNT, [LOCK]);
    state.answers = new Map([[LOCK, REFUSED]]);
    await run({ changes: [LOCK], linksNow: [link({ restriction: 'lock' })] });
    expect(await steps.open()).toEqual([ACCOUNT]);
  });

  it('is written down of nobody when the plan has no links', async () => {
    const { run, store } = executorDesk();
    expect(await run({ linksNow: [], links: [], superseded: [ANN] })).toEqual({ problems: [], unmade: [] });
    expect(await store.people.linksOf(ACCOUNT)).toEqual([]);
  });

  it('is uncertain still after a plan that takes no step', async () => {
    const { run, steps } = executorDesk();
    await steps.begin(ACCOUNT, [LOCK]);
    await run({ changes: [UPDATE] });
    expect(await steps.open()).toEqual([ACCOUNT]);
  });

  it('is no avatar of ours after an erasure was lifted, for nobody who shares it', async () => {
    const { run, store } = executorDesk();
    const links = [link({ restriction: 'erase' }), link({ userId: BOB, restriction: 'erase' })];
    await run({ changes: [REVIVE], linksNow: links, links });
    expect(await store.people.linksOf(ACCOUNT)).toEqual(
      [ANN, BOB].map((userId) => link({ userId, photo: undefined, avatar: undefined })),
    );
  });

  it.each([
    ['a lock was lifted', UNLOCK],
    ['it was erased', ERASE],
  ])('is its avatar still after %s', async (_, change) => {
    const { run, link: saved } = executorDesk();
    await run({ changes: [change], linksNow: [link({ restriction: 'lock' })] });
    expect(await saved()).toMatchObject({ photo: 'photo', avatar: 'avatar' });
  });
});
