import { expect, it } from 'vitest';
import { openMasStage } from '../support/homeserver/mas-stage.ts';
import { startUsher } from '../support/usher.ts';

const ISSUER = 'https://idp.example/';

/** An Usher that knows the upstream provider by its issuer. */
async function open() {
  const stage = await openMasStage({ provider: { issuer: ISSUER } });
  const { MAS_UPSTREAM_PROVIDER_ID: _, ...settings } = stage.reached.settings;
  const reached = { ...stage.reached, settings: { ...settings, MAS_UPSTREAM_ISSUER: ISSUER } };
  const room = await stage.owner.createRoom();
  const usher = await startUsher(reached, { '*': room });
  await usher.provider.createUser({ userName: 'ann' });
  await usher.settle();
  expect(stage.entered('ann')).toBe(stage.account('ann'));
  return { ...stage, usher };
}

it('links people to the upstream provider that took the place of another one while it runs', async () => {
  const { mas, providerId, usher, account } = await open();
  mas.upstream.disableProvider(providerId);
  const other = mas.upstream.addProvider({ issuer: ISSUER });
  await usher.resync();
  await usher.provider.createUser({ userName: 'ben' });
  await usher.settle();
  const found = mas.signIn(other.id, { subject: 'uid-ben', username: 'ben' });
  expect(found.outcome === 'signed-in' && account(found.user.username)).toBe(account('ben'));
});

it('makes nobody in a MAS of another homeserver that took the place of the one before', async () => {
  const { mas, usher } = await open();
  mas.serverName = 'another.test';
  await usher.resync().catch(() => {});
  await usher.provider.createUser({ userName: 'ben' });
  await usher.settle();
  expect(mas.users.byUsername('ben')).toBeUndefined();
});
