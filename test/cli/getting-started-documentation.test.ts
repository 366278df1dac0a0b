import { readFileSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { afterAll, afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { openPage } from '../support/page.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import { envFor, startUsher } from '../support/usher.ts';

const DAY = Date.UTC(2026, 10, 20, 19, 0, 0);
const WELCOME = '#welcome:example.com';
const MAP = `{
  "$schema": "./group-map.schema.json",
  "name:matrix-test": "${WELCOME}"
}`;

const PAGE = new URL('../../docs/getting-started.md', import.meta.url);
const page = openPage(PAGE);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: DAY });
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => page.close(4));

/** `UPDATE_DOCS=1` writes what the commands print now. */
it('shows in docs/getting-started.md what one sees on the way to the first person in a room', async () => {
  const homeserver = await startSimulated({ serverName: 'example.com' });
  onTestFinished(() => homeserver.close());
  const you = await homeserver.person('you');
  const room = await you.createRoom({ alias: 'welcome', name: 'Welcome' });
  const folder = tempDir();
  const env = { IDP_NAME: 'oidc-authentik', PROVISION: 'mapped' };
  const dry = { ...env, DRY_RUN: 'true' };
  let settings = envFor(homeserver, folder, dry);
  const dataDir = String(settings.DATA_DIR);
  const { next } = page.play({ homeserver, dataDir, look: (...args) => usher(args, settings) });
  const later = (minutes: number): void => {
    vi.setSystemTime(Date.now() + minutes * 60_000);
  };
  const isIn = async () =>
    (await homeserver.homeserver.joinedMembers(room))?.has('@ann:example.com' as never);

  writeFileSync(String(settings.GROUP_MAP_FILE), MAP);
  await next('check');
  const first = await startUsher(homeserver, MAP, { folder, env: dry });
  const ann = await first.provider.createUser({ userName: 'ann', displayName: 'Ann' });
  const group = await first.provider.createGroup('matrix-test', '2cf07991-e8dd-4fcd-a4b8-e2db71698e34', [
    ann,
  ]);
  await first.settle();
  await next('groups');
  await next('plan');
  await first.close();
  later(1);
  settings = envFor(homeserver, folder, env);
  const second = await startUsher(homeserver, MAP, { folder, env });
  await second.settle();
  expect(await isIn()).toBe(true);
  later(1);
  await next('explain');
  await second.provider.removeMembers(group, ann);
  await second.settle();
  expect(await isIn()).toBe(false);
  later(1);
  await next('journal');
  expect((await usher(['status'], settings)).stdout).toMatch(/All is well\.\n$/);
});

it('names in docs/getting-started.md all settings that are needed, and a map that is one', () => {
  const text = readFileSync(PAGE, 'utf8');
  const [, settings = ''] = /^(WEBHOOK_SECRET=.*?)^```/ms.exec(text) ?? [];
  const [, map = ''] = /^```jsonc\n(.*?)^```/ms.exec(text) ?? [];
  const env = { ...parseEnv(settings.replaceAll(/<[^>]*>/g, 'x'.repeat(32))), IDP_GROUP_TO_ROOM: map };
  const { config, notices } = loadConfig({ env, readFile: () => '' });
  expect(notices).toEqual([]);
  expect(config).toMatchObject({ dryRun: true, accounts: { provision: 'mapped' } });
  expect(map.trimEnd()).toBe(MAP);
});
