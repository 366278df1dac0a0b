import { expect, it } from 'vitest';
import { openMasStage } from '../support/homeserver/mas-stage.ts';
import { type Env, startUsher } from '../support/usher.ts';

const ANN = { userName: 'ann', displayName: 'Ann', email: 'ann@example.org' };

/** Ann, who has signed in and is in her room, and Bob beside her. */
async function open(env: Env) {
  const stage = await openMasStage();
  const { mas, world, owner, account, entered, signIn, isIn, emailsOf } = stage;
  const room = await owner.createRoom();
  const settings = { REMOVAL_LIMIT_PERCENT: '100', REMOVAL_LIMIT_COUNT: '100', ...env };
  const usher = await startUsher(stage.reached, { '*': room }, { env: settings });
  const ann = await usher.provider.createUser(ANN);
  await usher.provider.createUser({ userName: 'bob', email: 'bob@example.org' });
  await usher.settle();
  await usher.settle();
  expect(entered('ann')).toBe(account('ann'));
  const user = mas.users.byUsername('ann');
  if (user === undefined) throw new Error('Ann has no account');
  return {
    ...{ ...stage, usher, user },
    inRoom: (name: string) => isIn(room, name),
    /** What a client of hers may do with a token that it has. */
    mayTalk: async (token: string) =>
      (await stage.request('GET', '/_matrix/client/v3/account/whoami', undefined, token)).status === 200,
    inSynapse: () => world.accounts.get(account('ann')),
    async leave(): Promise<void> {
      await usher.provider.putUser(ann, { ...ANN, active: false });
      await usher.settle();
    },
    async comeBack(): Promise<void> {
      await usher.provider.putUser(ann, ANN);
      await usher.settle();
      await usher.settle();
    },
    /** Bob was never concerned. */
    bob: () => [signIn('bob').outcome, emailsOf('bob').join(), isIn(room, 'bob')],
  };
}

const UNTOUCHED = ['signed-in', 'bob@example.org', true];

it('locks who leaves, so that she gets in no more, and unlocks her when she is back', async () => {
  const { mas, user, signIn, entered, account, inRoom, mayTalk, leave, comeBack, bob, emailsOf } = await open(
    {
      ON_DEACTIVATE: 'lock',
    },
  );
  const had = mas.logIn(user);
  await leave();
  expect([signIn('ann').outcome, inRoom('ann'), await mayTalk(had)]).toEqual(['locked', false, false]);
  expect(user.deactivatedAt).toBeUndefined();
  expect(emailsOf('ann')).toEqual(['ann@example.org']);
  await comeBack();
  expect([entered('ann'), inRoom('ann')]).toEqual([account('ann'), true]);
  expect(bob()).toEqual(UNTOUCHED);
});

it('erases nobody whom it deactivates, and gives everything back that can be given back', async () => {
  const { signIn, entered, account, inSynapse, inRoom, leave, comeBack, bob, emailsOf, usher } = await open({
    ON_DEACTIVATE: 'deactivate',
  });
  await leave();
  expect([signIn('ann').outcome, inRoom('ann'), emailsOf('ann')]).toEqual(['deactivated', false, []]);
  expect(inSynapse()).toMatchObject({ deactivated: true, displayName: 'Ann' });
  await comeBack();
  await usher.resync();
  expect([entered('ann'), inRoom('ann'), emailsOf('ann')]).toEqual([
    account('ann'),
    true,
    ['ann@example.org'],
  ]);
  expect(inSynapse()).toMatchObject({ deactivated: false, displayName: 'Ann' });
  expect(bob()).toEqual(UNTOUCHED);
});

it('erases when it is told to', async () => {
  const { signIn, entered, account, inSynapse, inRoom, leave, comeBack, usher } = await open({
    ON_DEACTIVATE: 'erase',
  });
  await leave();
  expect([signIn('ann').outcome, inRoom('ann')]).toEqual(['deactivated', false]);
  expect(inSynapse()).toMatchObject({ deactivated: true, displayName: undefined });
  await comeBack();
  await usher.resync();
  expect([entered('ann'), inRoom('ann')]).toEqual([account('ann'), true]);
  expect(inSynapse()).toMatchObject({ deactivated: false, displayName: 'Ann' });
});

it('waits with her return until Synapse has been told that she left: else that undoes it', async () => {
  const { mas, signIn, entered, account, inRoom, leave, comeBack, emailsOf, usher, inSynapse } = await open({
    ON_DEACTIVATE: 'deactivate',
  });
  mas.jobs.hold();
  await leave();
  await comeBack();
  expect([signIn('ann').outcome, inSynapse()?.deactivated]).toEqual(['deactivated', false]);
  mas.jobs.run();
  await usher.resync();
  await expect.poll(() => entered('ann'), { timeout: 20_000 }).toBe(account('ann'));
  await usher.settle();
  await expect.poll(() => [inRoom('ann'), ...emailsOf('ann')]).toEqual([true, 'ann@example.org']);
  mas.jobs.run();
  expect([entered('ann'), inSynapse()?.deactivated, mas.jobs.waiting()]).toEqual([account('ann'), false, 0]);
});
