import { copyFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openPage } from '../support/page.ts';
import { usher } from '../support/terminal.ts';
import { type Env, envFor, startUsher } from '../support/usher.ts';
import { lookAt } from './look/stage.ts';

const DAY = Date.UTC(2026, 10, 20, 9, 0, 0);
const MINUTE = 60_000;
const HOUR = 60;
/** The map is read each second, and counts when it is the same twice. */
const FILE_SEEN_MS = 2_500;
const MAP = { 'ext-eng': '#eng:example.com' };
const NAMES = ['ann', 'bob', 'cem', 'dee', 'eve', 'fay', 'gil', 'hal'];

const page = openPage(new URL('../../docs/operations.md', import.meta.url));
const later = (minutes: number): void => {
  vi.setSystemTime(Date.now() + minutes * MINUTE);
};
const user = (userName: string) => ({
  userName,
  displayName: `${userName.slice(0, 1).toUpperCase()}${userName.slice(1)}`,
  email: `${userName}@example.com`,
});

/** Everybody is in Engineering, since a day. */
async function company(map: object = MAP, names: readonly string[] = NAMES, env: Env = {}) {
  const stage = await lookAt(() => map, env);
  const ids: string[] = [];
  for (const name of names) ids.push(await stage.provider.createUser(user(name)));
  const engineering = await stage.provider.createGroup('Engineering', 'ext-eng', ids);
  await stage.settle();
  later(24 * HOUR);
  await stage.resync();
  const idOf = (name: string): string => ids[names.indexOf(name)] ?? '';
  return { ...stage, ids, idOf, engineering, folder: stage.dataDir.slice(0, -'/data'.length) };
}

/** The service as it is started again, perhaps with other settings. */
async function startAgain(
  { homeserver, folder }: Awaited<ReturnType<typeof company>>,
  map: object,
  env = {},
) {
  const running = await startUsher(homeserver, map, { folder, env });
  await running.settle();
  const settings = envFor(homeserver, folder, env);
  return { homeserver, ...running, look: (...args: readonly string[]) => usher(args, settings) };
}

/** What an admin reads in docs/operations.md is what she will see. `UPDATE_DOCS=1` writes what is so now. */
describe('docs/operations.md', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: DAY });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  afterAll(() => page.close());

  it('tells why somebody was removed', async () => {
    const stage = await company();
    await stage.provider.removeMembers(stage.engineering, stage.idOf('ann'));
    await stage.settle();
    later(HOUR);
    await page.play(stage, 'Why was Ann removed?').rest();
  });

  it('tells what a hold is, and how it is decided', async () => {
    const stage = await company();
    const { next } = page.play(stage, 'It says held, what now?');
    await stage.provider.removeMembers(stage.engineering, ...stage.ids.slice(0, 6));
    await stage.settle();
    later(5);
    await next('held');
    await stage.provider.removeMembers(stage.engineering, stage.idOf('gil'));
    await stage.settle();
    await next('approve');
    await next('held');
    await next('reject');
    await next('held');
    await stage.settle();
    await next('approve');
    stage.service.loop.requestReview();
    await stage.settle();
    await next('held');
    // What the page says was decided is what was decided.
    const members = await stage.homeserver.homeserver.joinedMembers(stage.eng);
    expect([...(members ?? [])].filter((each) => /^@(ann|bob|fay|gil|hal):/.test(each))).toEqual([
      '@hal:example.com',
    ]);
  });

  it('tells what to do after a restore', async () => {
    const stage = await company();
    const { next } = page.play(stage, 'We restored a backup');
    await page.play(stage, 'Backup and restore').next('backup');
    const copy = join(stage.folder, 'copy.db');
    await stage.look('backup', copy);
    later(24 * HOUR);
    await stage.provider.addMembers(stage.engineering, await stage.provider.createUser(user('iva')));
    await stage.settle();
    await stage.close();
    await next('restore');
    const again = await startAgain(stage, MAP);
    later(5);
    await again.resync();
    await next('held');
    await again.provider.createUser(user('iva'));
    await again.provider.removeMembers(stage.engineering, stage.idOf('ann'));
    await again.settle();
    await next('held');
    await next('approve restored');
    again.service.loop.requestReview();
    await again.settle();
    await again.close();
    for (const name of readdirSync(stage.dataDir)) {
      if (name.startsWith('usher.db')) rmSync(join(stage.dataDir, name));
    }
    copyFileSync(copy, join(stage.dataDir, 'usher.db'));
    await startAgain(stage, MAP);
    await next('held');
  });

  it('tells how a group is renamed', async () => {
    const map = { 'name:Engineering': '#eng:example.com', 'name:Support': '#support:example.com' };
    const stage = await lookAt(() => map);
    await stage.mod.createRoom({ alias: 'support' });
    const file = join(stage.dataDir, '../next.jsonc');
    const { provider, settle, resync } = stage;
    const { next } = page.play(stage, 'We renamed a group');
    writeFileSync(file, JSON.stringify(map, undefined, 2));
    const [ann, bob] = [await provider.createUser(user('ann')), await provider.createUser(user('bob'))];
    const engineering = await provider.createGroup('Engineering', 'ext-eng', [ann, bob]);
    const support = await provider.createGroup('Support', 'ext-sup', [ann]);
    await settle();
    await resync();
    later(HOUR);
    await next('groups');
    await next('map add');
    await next('plan');
    stage.writeMap({ ...map, 'ext-eng': '#eng:example.com' });
    await provider.patchGroup(engineering, { op: 'replace', path: 'displayName', value: 'Platform' });
    await provider.patchGroup(support, { op: 'replace', path: 'displayName', value: 'Helpdesk' });
    await settle();
    later(5);
    await next('explain');
    await next('groups');
  });

  it('tells how to move to another provider', async () => {
    const names = NAMES.slice(0, 6);
    const stage = await company(MAP, names);
    const { next } = page.play(
      {
        ...stage,
        look: (...args) => usher(args, envFor(stage.homeserver, stage.folder, { IDP_NAME: 'oidc-entra' })),
      },
      'We moved to another provider',
    );
    await stage.close();
    const dry = await startAgain(stage, MAP, { IDP_NAME: 'oidc-entra', DRY_RUN: 'true' });
    for (const name of names.filter((each) => each !== 'dee')) {
      await dry.provider.putUser(stage.idOf(name), { ...user(name), externalId: `entra-${name}` });
    }
    await dry.provider.deleteUser(stage.idOf('dee'));
    const dee = await dry.provider.createUser({ ...user('dee'), externalId: 'entra-dee' });
    const members = names.map((name) => ({ value: name === 'dee' ? dee : stage.idOf(name) }));
    const group = { displayName: 'Engineering', externalId: 'entra-eng', members };
    await dry.provider.putGroup(stage.engineering, group);
    await dry.settle();
    later(HOUR);
    await dry.resync();
    await next('plan');
    await next('conflicts');
    await next('link');
    await dry.resync();
    await next('groups --unmapped');
    writeFileSync(join(stage.folder, 'next.jsonc'), `${JSON.stringify(MAP, undefined, 2)}\n`);
    await next('map add');
    await next('plan --map');
    await dry.close();
    const live = await startAgain(
      stage,
      { ...MAP, 'entra-eng': '#eng:example.com' },
      { IDP_NAME: 'oidc-entra' },
    );
    await live.settle();
    await next('held');
    await next('journal');
    live.writeMap({ 'entra-eng': '#eng:example.com' });
    await setTimeout(FILE_SEEN_MS);
    await live.settle();
    await next('held');
  });

  it('tells how somebody leaves at once, or by and by, or never', async () => {
    const env = { ON_DEACTIVATE: 'lock, deactivate after 30d', PROTECTED_USERS: '@hal:example.com' };
    const stage = await company(MAP, NAMES, { ...env, PROTECTED_USERS: '' });
    const { next } = page.play(stage, 'Somebody has to leave at once');
    const deactivate = (name: string) =>
      stage.provider.putUser(stage.idOf(name), { ...user(name), active: false });
    await deactivate('cem');
    await stage.settle();
    await next('explain');
    later(31 * 24 * HOUR);
    await stage.resync();
    await next('journal');
    await stage.close();
    const again = await startAgain(stage, MAP, env);
    await again.provider.putUser(stage.idOf('hal'), { ...user('hal'), active: false });
    await again.settle();
    await next('conflicts');
  });

  it('tells what becomes of a group that was emptied', async () => {
    const stage = await company();
    const { next } = page.play(stage, 'We emptied a group by accident');
    await stage.provider.patchGroup(stage.engineering, { op: 'remove', path: 'members' });
    await stage.settle();
    later(5);
    await next('held');
    await stage.provider.addMembers(stage.engineering, ...stage.ids);
    await stage.settle();
    await next('held');
  });
});
