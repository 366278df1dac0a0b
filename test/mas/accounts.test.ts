import { describe, expect, it, onTestFinished } from 'vitest';
import type { AccountSummary } from '../../src/matrix/homeserver.ts';
import { userId } from '../../src/matrix/ids.ts';
import type { MasUser } from '../../src/simulator/mas/users.ts';
import { startWithMas } from '../support/homeserver/with-mas.ts';
import { skippingClock } from '../support/skipping-clock.ts';
import { IDP } from '../support/usher.ts';

const at = (localpart: string) => userId(localpart, 'usher.test');
const HOUR = 3_600_000;

async function open() {
  const stage = await startWithMas();
  onTestFinished(stage.close);
  const { homeserver, mas } = stage;
  const userOf = (localpart: string): MasUser => {
    const user = mas.users.byUsername(localpart);
    if (user === undefined) throw new Error(`${localpart} is no user`);
    return user;
  };
  return {
    ...{ ...stage, userOf },
    async make(localpart: string): Promise<MasUser> {
      const externalId = { provider: IDP, id: `uid-${localpart}` };
      await homeserver.createAccount(at(localpart), { displayName: undefined, externalId, email: undefined });
      return userOf(localpart);
    },
    async listed(localpart: string): Promise<AccountSummary | undefined> {
      for await (const each of homeserver.accounts()) if (each.userId === at(localpart)) return each;
      return undefined;
    },
    whoami: async (token: string) =>
      (await stage.request('GET', '/_matrix/client/v3/account/whoami', undefined, token)).status,
  };
}

describe('an account that only Synapse has', () => {
  it('is stranded, and what Synapse says of its way in means nothing', async () => {
    const { homeserver, world, listed, appserviceUser } = await open();
    world.register('ann');
    world.putAccount(at('ann'), {
      externalIds: [{ provider: IDP, id: 'uid-ann' }],
      threepids: [{ medium: 'email', address: 'ann@example.org' }],
    });
    expect(await homeserver.account(at('ann'))).toMatchObject({
      ...{ isStranded: true, externalIds: [], threepids: [], admin: false },
    });
    expect(await homeserver.accountByExternalId({ provider: IDP, id: 'uid-ann' })).toBeUndefined();
    expect(await homeserver.accountByEmail('ann@example.org')).toBeUndefined();
    expect(await homeserver.isNameFree(at('ann'))).toBe(false);
    expect((await listed('ann'))?.isStranded).toBe(true);
    const bridge = await homeserver.account(await appserviceUser('_bridge_bob'));
    expect([bridge?.appservice, bridge?.isStranded]).toEqual([true, undefined]);
  });

  it('is not that of the user of MAS whose name has other letters', async () => {
    const { homeserver, make } = await open();
    await make('ann');
    expect(await homeserver.account(userId('Ann', 'usher.test'))).toBeUndefined();
    await expect(homeserver.restrict(userId('Ann', 'usher.test'), 'lock')).rejects.toMatchObject({
      kind: 'not-found',
    });
    expect((await homeserver.account(at('ann')))?.locked).toBe(false);
  });
});

it('has an account of MAS that Synapse does not know yet', async () => {
  const { homeserver, mas, listed } = await open();
  mas.users.add('ann');
  expect(await homeserver.account(at('ann'))).toMatchObject({ userId: at('ann'), displayName: undefined });
  expect(await listed('ann')).toEqual({
    ...{ userId: at('ann'), displayName: undefined, locked: false, deactivated: false },
  });
  expect(await homeserver.isNameFree(at('ann'))).toBe(false);
});

describe('an account that nobody can have used yet', () => {
  it.each<[string, (mas: Awaited<ReturnType<typeof open>>, user: MasUser) => unknown]>([
    ['signed in', ({ mas }, user) => mas.sessions.startBrowser(user)],
    ['signed in and out again', ({ mas }, user) => mas.sessions.finish(mas.sessions.startBrowser(user))],
    ['gave it an e-mail', ({ mas }, user) => mas.emails.add(user, 'ann@example.org')],
    [
      'linked it to her',
      ({ mas, providerId }, user) =>
        mas.upstream.addLink({ providerId, subject: 'x', humanAccountName: undefined }, user),
    ],
    ['deactivated it', ({ mas }, user) => mas.users.deactivate(user)],
  ])('is one no more when somebody %s', async (_, deed) => {
    const stage = await open();
    const user = stage.mas.register('ann');
    const isUntouched = async () => (await stage.homeserver.account(at('ann')))?.isUntouched === true;
    expect(await isUntouched()).toBe(true);
    deed(stage, user);
    expect(await isUntouched()).toBe(false);
  });
});

it('ends what gives admin rights with the right, and nothing else of hers', async () => {
  const { homeserver, mas, make, whoami, personalToken } = await open();
  const ann = await make('ann');
  const phone = mas.logIn(ann);
  await homeserver.setAdmin(at('ann'), true);
  const desktop = mas.logIn(ann);
  const script = await personalToken(at('ann'));
  const all = [phone, desktop, script];
  expect(await Promise.all(all.map(whoami))).toEqual([200, 200, 200]);
  await homeserver.setAdmin(at('ann'), false);
  expect(await Promise.all(all.map(whoami))).toEqual([200, 401, 401]);
  expect(ann.canRequestAdmin).toBe(false);
});

it('gives a deactivated account back once MAS has told Synapse of it, or has given up', async () => {
  const clock = skippingClock();
  const { homeserver, mas, make, world } = await open();
  const ann = await make('ann');
  mas.jobs.hold();
  await homeserver.restrict(at('ann'), 'deactivate');
  await expect(homeserver.unrestrict(at('ann'), 'deactivate')).rejects.toMatchObject({ kind: 'failed' });
  expect(ann.deactivatedAt).toBeDefined();
  clock.skip(HOUR);
  await expect(homeserver.unrestrict(at('ann'), 'deactivate')).rejects.toMatchObject({ kind: 'failed' });
  clock.skip(2 * HOUR);
  await homeserver.unrestrict(at('ann'), 'deactivate');
  expect([ann.deactivatedAt, world.accounts.get(at('ann'))?.deactivated]).toEqual([undefined, false]);
});

it('does nothing to an account of another homeserver', async () => {
  const { homeserver, mas } = await open();
  const before = structuredClone(mas.users.all());
  const far = userId('ann', 'far.example');
  for (const deed of [
    homeserver.createAccount(far, { displayName: 'Ann', externalId: undefined, email: undefined }),
    homeserver.updateAccount(far, { displayName: 'Ann' }),
    homeserver.restrict(far, 'lock'),
    homeserver.setAdmin(far, true),
  ]) {
    await expect(deed).rejects.toMatchObject({ kind: 'refused', message: `${far} is not local` });
  }
  expect(mas.users.all()).toEqual(before);
});
