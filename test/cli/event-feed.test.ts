import { writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openStoreReadOnly } from '../../src/store/sqlite/open-store.ts';
import { EVENTS_SECRET, eventReceiver } from '../support/event-receiver.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { createProvider } from '../support/provider.ts';
import { tempDir } from '../support/temp-dir.ts';
import { type Env, envFor, SECRET, startUsher } from '../support/usher.ts';
import { startUsherProcess } from '../support/usher-process.ts';

const SOON = { timeout: 20_000 };

async function stage(env: (url: string) => Env) {
  const homeserver = await startSimulated();
  onTestFinished(() => homeserver.close());
  await (await homeserver.person('owner')).createRoom({ alias: 'eng' });
  const to = await eventReceiver();
  const folder = tempDir();
  const start = (settings: Env) =>
    startUsher(homeserver, { 'ext-eng': '#eng:usher.test' }, { folder, env: settings });
  return { to, folder, start, running: await start(env(to.url)) };
}

const on = (url: string): Env => ({ EVENTS_URL: url, EVENTS_SECRET });
const config = async (url: string) =>
  Object(
    await (
      await fetch(`${url}/scim/v2/ServiceProviderConfig`, { headers: { authorization: `Bearer ${SECRET}` } })
    ).json(),
  );
const waiting = async (url: string) =>
  /^usher_events_waiting (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
const readyz = async (url: string) => JSON.parse(await (await fetch(`${url}/readyz`)).text()).components;

describe('a service with EVENTS_URL', { timeout: 60_000 }, () => {
  it('tells what a provider changed, and what came of it on the homeserver', async () => {
    const { to, running } = await stage(on);
    const { provider, settle } = running;
    const ann = await provider.createUser({ userName: 'ann' });
    const group = await provider.createGroup('Engineering', 'ext-eng', [ann]);
    await settle();
    await provider.removeMembers(group, ann);
    await settle();
    const kinds = () =>
      to
        .told()
        .map(({ events, sub_id }) => `${Object.keys(events)[0]?.replace(/^.*event:/, '')} ${sub_id.uri}`);
    const expected = [
      `prov:create:notice /Users/${ann}`,
      `prov:create:notice /Groups/${group}`,
      `prov:put:notice /Groups/${group}`,
      'homeserver:create-account matrix:u/ann:usher.test',
      'homeserver:join matrix:u/ann:usher.test',
      'homeserver:kick matrix:u/ann:usher.test',
    ];
    await vi.waitFor(() => expect(kinds()).toEqual(expect.arrayContaining(expected)), SOON);
    const joined = kinds().filter((kind) => kind.includes('homeserver:'));
    expect(joined).toEqual(expected.slice(3));
    expect(new Set(to.told().map(({ jti }) => jti)).size).toBe(to.told().length);
    expect(await readyz(running.url)).toMatchObject({ events: { status: 'ok' } });
    const { asyncRequest, eventUris } = (await config(running.url)).securityEvents;
    expect(asyncRequest).toBe('none');
    const announced = new Set(eventUris);
    const told = to.told().flatMap(({ events }) => Object.keys(events));
    expect(told.filter((uri) => !announced.has(uri))).toEqual([]);
  });

  it('answers the provider while nobody takes them, and tells them after a restart', async () => {
    const { to, start, running } = await stage(on);
    to.state.answer = 500;
    const ann = await running.provider.createUser({ userName: 'ann' });
    await vi.waitFor(async () => {
      const { events } = await readyz(running.url);
      expect(events).toMatchObject({ status: 'degraded', detail: expect.stringContaining('answers 500') });
    }, SOON);
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
    expect(Number(await waiting(running.url))).toBeGreaterThan(0);
    await running.close();
    to.state.answer = 202;
    const again = await start(on(to.url));
    await vi.waitFor(
      () => expect(to.told().map(({ sub_id }) => sub_id.uri)).toContain(`/Users/${ann}`),
      SOON,
    );
    await vi.waitFor(async () => expect(await waiting(again.url)).toBe('0'), SOON);
  });

  it('loses none that the provider was answered for when it is killed', async () => {
    const homeserver = await startSimulated();
    onTestFinished(() => homeserver.close());
    const to = await eventReceiver();
    to.state.answer = 500;
    const env = envFor(homeserver, tempDir(), { ...on(to.url), LOG_LEVEL: 'info' });
    writeFileSync(String(env.GROUP_MAP_FILE), '{}');
    const first = await startUsherProcess(env);
    onTestFinished(() => first.end('SIGKILL'));
    const provider = createProvider(`${first.url}/scim/v2`, SECRET);
    const names = Array.from({ length: 20 }, (_, index) => `u${index}`);
    const ids = await Promise.all(names.map((userName) => provider.createUser({ userName })));
    await first.end('SIGKILL');
    to.state.answer = 202;
    const second = await startUsherProcess(env);
    onTestFinished(() => second.end());
    const created = () =>
      to.told().filter(({ events }) => 'urn:ietf:params:scim:event:prov:create:notice' in events);
    await vi.waitFor(() => expect(created()).toHaveLength(20), { timeout: 20_000 });
    const paths = created().map(({ sub_id }) => sub_id.uri);
    expect(paths.toSorted()).toEqual(ids.map((id) => `/Users/${id}`).toSorted());
  });

  it('records nothing without it, and forgets what was left when it was taken away', async () => {
    const { to, start, folder, running } = await stage(on);
    to.state.answer = 500;
    await running.provider.createUser({ userName: 'ann' });
    await running.settle();
    await running.close();
    const off = await start({});
    await off.provider.createUser({ userName: 'bob' });
    await off.settle();
    const store = openStoreReadOnly(`${folder}/data`);
    onTestFinished(() => store.close());
    expect(await store.events.next(9)).toEqual([]);
    expect(await readyz(off.url)).not.toHaveProperty('events');
    expect(await config(off.url)).not.toHaveProperty('securityEvents');
  });
});
