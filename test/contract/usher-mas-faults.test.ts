import { expect, it, onTestFinished, vi } from 'vitest';
import type { RoomId } from '../../src/matrix/ids.ts';
import { type Asked, startFaultProxy } from '../support/fault-proxy.ts';
import type { Kind } from '../support/faults.ts';
import { type MasStage, openMasStage } from '../support/homeserver/mas-stage.ts';
import { createProvider } from '../support/provider.ts';
import { skippingClock } from '../support/skipping-clock.ts';
import { tempDir } from '../support/temp-dir.ts';
import { envFor, SECRET, startUsher } from '../support/usher.ts';
import { startUsherProcess } from '../support/usher-process.ts';

vi.setConfig({ testTimeout: 60_000 });
const PATIENCE = { timeout: 20_000, interval: 20 };
const NAMES = Array.from({ length: 12 }, (_, number) => `p${number}`);

/** Who is not yet as she is to be: one account that she gets in to, her e-mail, and the room. */
function lacking(stage: MasStage, room: RoomId, names: readonly string[] = NAMES): readonly string[] {
  const { mas, subjectsOf, emailsOf, isIn } = stage;
  return names.filter(
    (name) =>
      mas.users.byUsername(name) === undefined ||
      subjectsOf(name).join() !== `uid-${name}` ||
      emailsOf(name).join() !== `${name}@example.org` ||
      !isIn(room, name),
  );
}

/** An Usher that reaches MAS and Synapse through proxies. */
async function open(env: Readonly<Record<string, string>> = {}) {
  const clock = skippingClock();
  const stage = await openMasStage();
  const [toMas, toSynapse] = [await startFaultProxy(stage.masUrl), await startFaultProxy(stage.url)];
  onTestFinished(async () => {
    await toMas.close();
    await toSynapse.close();
  });
  const room = await stage.owner.createRoom();
  const { settings } = stage.reached;
  const reached = { ...stage.reached, url: toSynapse.url, settings: { ...settings, MAS_URL: toMas.url } };
  const usher = await startUsher(reached, { '*': room }, { env: { REMOVAL_LIMIT_COUNT: '100', ...env } });
  const push = (userName: string, more: object = {}) =>
    usher.provider.createUser({ userName, email: `${userName}@example.org`, ...more });
  return {
    ...{ ...stage, stage, usher, room, toMas, toSynapse, push, clock },
    async lookAgain(): Promise<void> {
      clock.skip(60_000);
      usher.service.loop.requestPass();
      await usher.settle();
      await usher.settle();
    },
  };
}

/** All is as it is to be, everybody gets in to her own account, and nothing is left to do. */
async function expectRight({ stage, usher, room }: Awaited<ReturnType<typeof open>>, names = NAMES) {
  await expect.poll(() => lacking(stage, room, names), PATIENCE).toEqual([]);
  await usher.settle();
  expect(names.map((name) => stage.entered(name))).toEqual(names.map(stage.account));
  expect(stage.mas.users.all().map(({ username }) => username)).toHaveLength(names.length + 3);
  await usher.resync();
  const before = stage.everything();
  await usher.resync();
  expect(stage.everything()).toEqual(before);
}

it.each<[string, (stage: MasStage) => unknown, (stage: MasStage) => unknown]>([
  ['MAS', ({ stopMas }) => stopMas(), ({ startMas }) => startMas()],
  ['Synapse', ({ stop }) => stop(), ({ start }) => start()],
])(
  'waits when %s goes down in the middle, takes what is pushed meanwhile, and ends what it began',
  async (_, down, up) => {
    const all = await open();
    const { mas, stage, push, usher, lookAgain, room } = all;
    const { provision } = mas.homeserver;
    let made = 0;
    let falling: unknown;
    mas.homeserver.provision = (...args) => {
      provision(...args);
      made += 1;
      if (made === 5) falling = down(stage);
    };
    await Promise.all(NAMES.slice(0, 10).map((name) => push(name)));
    await expect.poll(() => made, PATIENCE).toBeGreaterThanOrEqual(5);
    await falling;
    await usher.settle();
    for (const name of NAMES.slice(10)) await push(name);
    expect(lacking(stage, room).length).toBeGreaterThan(5);
    await up(stage);
    await lookAgain();
    await expectRight(all);
  },
);

const LOST: readonly Kind[] = [
  'reset in place of the answer',
  'reset in the middle of the answer',
  'truncated JSON',
];

it.each(LOST)(
  'makes nobody twice and forgets nobody when the first answer to each change is lost: %s',
  async (kind) => {
    const all = await open({ ON_DEACTIVATE: 'deactivate' });
    const { toMas, toSynapse, usher, push, lookAgain, entered, account } = all;
    const lost = new Set<string>();
    const choose = ({ method, path, body }: Asked): Kind | undefined => {
      const route = `${method} ${path.replaceAll(/\b[0-9A-HJKMNP-TV-Z]{26}\b|[!@][^/?]+/g, '{}')}`;
      if (method === 'GET' || lost.has(route) || body.includes('room-sync')) return undefined;
      lost.add(route);
      return kind;
    };
    await toMas.inject(choose);
    await toSynapse.inject(choose);
    const ids = await Promise.all(['ann', 'bob'].map((name) => push(name)));
    const [ann = '', bob = ''] = ids;
    await usher.settle();
    for (let times = 0; times < 8; times += 1) await lookAgain();
    await expectRight(all, ['ann', 'bob']);

    const changed = { userName: 'ann', externalId: 'another', email: 'ann@example.org' };
    await usher.provider.putUser(ann, changed);
    await usher.provider.putUser(bob, { userName: 'bob', email: 'bob.b@example.org', active: false });
    for (let times = 0; times < 8; times += 1) await lookAgain();
    expect([entered('ann', { subject: 'another' }), entered('bob')]).toEqual([account('ann'), 'deactivated']);
    await usher.provider.putUser(bob, { userName: 'bob', email: 'bob@example.org' });
    await usher.provider.putUser(ann, { ...changed, externalId: 'uid-ann' });
    for (let times = 0; times < 8; times += 1) await lookAgain();
    await expectRight(all, ['ann', 'bob']);
    const changes = [...lost].join('\n');
    for (const part of [
      ...['users', 'upstream-oauth-links', 'user-emails', 'users/{}/deactivate', 'users/{}/reactivate'],
    ]) {
      expect(changes).toContain(`POST /api/admin/v1/${part}`);
    }
    expect(changes).toContain('DELETE /api/admin/v1/upstream-oauth-links/{}');
    expect(changes).toContain('/kick');
  },
);

it('ends what it began when MAS never heard that Synapse had made the account', async () => {
  const all = await open();
  await all.push('p0');
  await all.usher.settle();
  all.mas.homeserver.losesNextAnswer = true;
  for (const name of NAMES.slice(1)) await all.push(name);
  await all.usher.settle();
  await all.lookAgain();
  await expectRight(all);
});

it('removes nobody while MAS can not say of a token what it may', async () => {
  const { world, push, usher, clock, isIn, room, toSynapse } = await open();
  const service = world.authService;
  if (service === undefined) throw new Error('nobody else signs people in');
  const ids = await Promise.all(NAMES.map((name) => push(name)));
  const eng = await usher.provider.createGroup('eng', 'eng', ids);
  await usher.settle();
  await usher.settle();
  const { introspect } = service;
  let asked = 0;
  service.introspect = () => {
    asked += 1;
    throw new Error('MAS is down');
  };
  clock.skip(121_000);
  await usher.provider.removeMembers(eng, ids[0] ?? '');
  await usher.provider.putUser(ids[1] ?? '', { userName: 'p1', active: false });
  const before = toSynapse.changes();
  usher.service.loop.requestPass();
  await usher.settle();
  expect(asked).toBeGreaterThan(0);
  expect(NAMES.filter((name) => !isIn(room, name))).toEqual([]);
  expect(toSynapse.changes()).toBe(before);
  const ready = JSON.parse(await (await fetch(`${usher.url}/readyz`)).text());
  expect(ready.components.homeserver.detail).toContain('Unable to introspect the access token');

  service.introspect = introspect;
  clock.skip(60_000);
  usher.service.loop.requestPass();
  await usher.settle();
  await usher.settle();
  expect(NAMES.filter((name) => !isIn(room, name))).toEqual(['p1']);
});

it('ends what it began when it is killed before it hears that MAS made the account', async () => {
  const stage = await openMasStage();
  const toMas = await startFaultProxy(stage.masUrl);
  const room = await stage.owner.createRoom();
  const { settings } = stage.reached;
  const reached = { ...stage.reached, settings: { ...settings, MAS_URL: toMas.url } };
  const env = {
    ...envFor(reached, tempDir()),
    GROUP_MAP_FILE: '',
    IDP_GROUP_TO_ROOM: JSON.stringify({ '*': room }),
  };
  const start = async () => {
    const usher = await startUsherProcess({ ...env, LOG_LEVEL: 'info' });
    onTestFinished(() => usher.end('SIGKILL'));
    return usher;
  };
  const first = await start();
  await expect.poll(first.log, PATIENCE).toContain('full pass done');
  await toMas.inject(({ method, path }) =>
    method === 'POST' && path.endsWith('/users') ? 'no answer to what was done' : undefined,
  );
  await createProvider(`${first.url}/scim/v2`, SECRET).createUser({
    userName: 'ann',
    email: 'ann@example.org',
  });
  await expect.poll(() => stage.mas.users.byUsername('ann'), PATIENCE).toBeDefined();
  await first.end('SIGKILL');
  expect(stage.subjectsOf('ann')).toEqual([]);
  await toMas.heal();
  await start();
  await expect.poll(() => lacking(stage, room, ['ann']), PATIENCE).toEqual([]);
  expect(stage.entered('ann')).toBe(stage.account('ann'));
  await toMas.close();
});
