import { expect, it } from 'vitest';
import { createMas } from '../../src/simulator/mas/mas.ts';
import { BOT, type MasStage, openMasStage } from '../support/homeserver/mas-stage.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { skippingClock } from '../support/skipping-clock.ts';
import { keepLog } from '../support/symptoms/logged.ts';
import { type Env, startUsher, type UsherUnderTest } from '../support/usher.ts';

const MINUTE = 60_000;

async function saidBy(usher: UsherUnderTest): Promise<string | undefined> {
  return JSON.parse(await (await fetch(`${usher.url}/readyz`)).text()).components.homeserver.detail;
}

/** When the pause is over, which is a minute at most. */
async function lookAgain(usher: UsherUnderTest, clock: ReturnType<typeof skippingClock>): Promise<void> {
  clock.skip(MINUTE);
  usher.service.loop.requestPass();
  await usher.settle();
  await usher.settle();
}

/** Ann is pushed to an Usher that meets a trouble with its first look. */
async function open(prepare: (stage: MasStage) => unknown, settings: (stage: MasStage) => Env = () => ({})) {
  const clock = skippingClock();
  const stage = await openMasStage();
  const room = await stage.owner.createRoom();
  await prepare(stage);
  const before = stage.everything();
  const all = { ...stage.reached.settings, ...settings(stage) };
  const usher = await startUsher({ ...stage.reached, settings: all }, { '*': room });
  await usher.provider.createUser({ userName: 'ann' });
  await usher.settle();
  expect(stage.everything()).toEqual(before);
  return {
    ...stage,
    said: await saidBy(usher),
    lookAgain: () => lookAgain(usher, clock),
    hasAnn: () => [stage.entered('ann'), stage.isIn(room, 'ann')],
  };
}

type Deed = (stage: MasStage) => unknown;

/** What it is, how it comes about, how it is over, and what is said. */
const TROUBLES: readonly [string, Deed, Deed, RegExp][] = [
  [
    'MAS is down',
    ({ stopMas }) => stopMas(),
    ({ startMas }) => startMas(),
    /^GET \/_matrix\/client\/v1\/auth_metadata: answered 500/,
  ],
  ['Synapse is down', ({ stop }) => stop(), ({ start }) => start(), /no answer \(ECONNREFUSED\)$/],
  [
    'MAS can not reach Synapse',
    ({ mas }) => setReadOnly(mas, true),
    ({ mas }) => setReadOnly(mas, false),
    /Provisioning is not supported in read-only mode/,
  ],
  [
    'MAS is that of another homeserver',
    ({ mas }) => Object.assign(mas, { serverName: 'other.example' }),
    ({ mas, serverName }) => Object.assign(mas, { serverName }),
    /^this MAS signs people in for other\.example, and MATRIX_SERVER_NAME is usher\.test: correct /,
  ],
  [
    'its client may not administer',
    ({ mas, clientId }) => Object.assign(mas.clients.get(clientId) ?? {}, { isAdmin: false }),
    ({ mas, clientId }) => Object.assign(mas.clients.get(clientId) ?? {}, { isAdmin: true }),
    /^MAS does not let the client \w{26} administer: .*policy\.data\.admin_clients/,
  ],
  [
    'the admin API is not mounted',
    ({ mas }) => Object.assign(mas, { hasAdminApi: false }),
    ({ mas }) => Object.assign(mas, { hasAdminApi: true }),
    /^GET \/api\/admin\/v1\/users: answered 404 without an error of MAS$/,
  ],
  [
    'its bot is locked',
    ({ mas }) => mas.users.lock(mas.register(BOT)),
    ({ mas }) => Object.assign(mas.users.byUsername(BOT) ?? {}, { lockedAt: undefined }),
    /^the bot room-sync is locked in MAS, .*"mas-cli manage unlock-user room-sync"$/,
  ],
  [
    'its bot is deactivated',
    ({ mas }) => mas.users.deactivate(mas.register(BOT)),
    ({ mas }) => Object.assign(mas.users.byUsername(BOT) ?? {}, { deactivatedAt: undefined }),
    /^the bot room-sync is deactivated in MAS, .*"mas-cli manage unlock-user --reactivate room-sync"$/,
  ],
];

function setReadOnly({ homeserver }: MasStage['mas'], isReadOnly: boolean): void {
  homeserver.isReadOnly = isReadOnly;
}

it.each(TROUBLES)(
  'takes what is pushed while %s, makes nothing, and catches up',
  async (_, harm, heal, what) => {
    const stage = await open(harm);
    expect(stage.said).toMatch(what);
    await heal(stage);
    await stage.lookAgain();
    expect(stage.hasAnn()).toEqual(['@ann:usher.test', true]);
  },
);

it.each<[string, (stage: MasStage) => Env, RegExp]>([
  [
    'of an address without the admin API',
    ({ issuer }) => ({ MAS_URL: issuer }),
    /answered 404 without an error of MAS/,
  ],
  [
    'of another secret',
    () => ({ MAS_CLIENT_SECRET: 'x' }),
    /^MAS does not know the client \w{26}, or MAS_CLIENT_SECRET is not/,
  ],
])('makes nothing because %s, and says so', async (_, settings, what) => {
  expect((await open(() => {}, settings)).said).toMatch(what);
});

it('makes its bot and nobody else for a provider that MAS does not know, and says which there are', async () => {
  const stage = await openMasStage();
  const settings = { ...stage.reached.settings, MAS_UPSTREAM_PROVIDER_ID: stage.clientId };
  const { log, logged } = keepLog();
  const usher = await startUsher({ ...stage.reached, settings }, {}, { log });
  await usher.provider.createUser({ userName: 'ann' });
  await usher.settle();
  expect(stage.mas.users.all().map(({ username }) => username)).toEqual(['usher', 'owner', BOT]);
  expect(logged()).toContain(
    `MAS knows no upstream provider ${stage.clientId}: set MAS_UPSTREAM_PROVIDER_ID to one of ${stage.providerId} (IdP)`,
  );
});

it('says that its bot has a name that MAS refuses', async () => {
  const { said } = await open(({ reached }) => Object.assign(reached, { bot: '@_bot:usher.test' }));
  expect(said).toMatch(
    /^MAS does not let Usher make its bot _bot \(.*Username is not valid\): let MATRIX_ADMIN_USER_ID/,
  );
});

it('takes over the bot that only Synapse has, as an attempt that broke off leaves it', async () => {
  const stage = await openMasStage();
  const room = await stage.owner.createRoom();
  stage.mas.homeserver.losesNextAnswer = true;
  const usher = await startUsher(stage.reached, { '*': room });
  await usher.provider.createUser({ userName: 'ann' });
  await expect.poll(() => stage.isIn(room, 'ann'), { timeout: 5_000 }).toBe(true);
  expect(stage.mas.users.byUsername(BOT)).toBeDefined();
});

it('makes nothing on a homeserver that leaves it to MAS to sign people in while Usher runs', async () => {
  const clock = skippingClock();
  const homeserver = await startSimulated();
  const { world } = homeserver;
  const usher = await startUsher(homeserver, {});
  await usher.provider.createUser({ userName: 'ann' });
  await usher.settle();
  createMas({ world, now: Date.now }).publicBase = 'https://mas.example/';
  const before = structuredClone(world.accounts.all());
  expect(before).toHaveLength(2);
  await usher.provider.createUser({ userName: 'bob' });
  await usher.settle();
  await lookAgain(usher, clock);
  expect(world.accounts.all()).toEqual(before);
  expect(await saidBy(usher)).toMatch(
    /^the homeserver leaves it to https:\/\/mas\.example\/ to sign people in .*: set MAS_CLIENT_ID and MAS_CLIENT_SECRET/,
  );
  await homeserver.close();
});

it('makes nothing on a homeserver that does not leave it to MAS to sign people in', async () => {
  const [{ reached, mas }, homeserver] = [await openMasStage(), await startSimulated()];
  const usher = await startUsher({ ...reached, url: homeserver.url }, {});
  await usher.provider.createUser({ userName: 'ann' });
  await usher.settle();
  expect([mas.users.byUsername('ann'), homeserver.world.accounts.all().length]).toEqual([undefined, 1]);
  expect(await saidBy(usher)).toMatch(
    /^MAS_CLIENT_ID is set, and the homeserver signs people in by itself: /,
  );
  await homeserver.close();
});
