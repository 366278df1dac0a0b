import { writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { receiver } from '../support/receiver.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import { type Env, envFor, SECRET, startUsher } from '../support/usher.ts';

const SOON = { timeout: 20_000 };
const MAP = { 'ext-eng': '#nowhere:usher.test' };

async function stage({ alias = 'reports' } = {}) {
  const homeserver = await startSimulated();
  onTestFinished(() => homeserver.close());
  const owner = await homeserver.person('owner');
  const room = await owner.createRoom({ alias });
  const said = async () => (await owner.messages(room)).map(({ content }) => String(content.body));
  const check = async (env: Env): Promise<string> => {
    const settings = envFor(homeserver, tempDir(), { REPORT_ROOM: '#reports:usher.test', ...env });
    writeFileSync(String(settings.GROUP_MAP_FILE), '{}');
    return (await usher(['check'], settings)).stdout;
  };
  return { homeserver, owner, room, said, check };
}

const componentsOf = async (url: string): Promise<Record<string, unknown>> =>
  JSON.parse(await (await fetch(`${url}/readyz`)).text()).components;

describe('a service with REPORT_ROOM', { timeout: 60_000 }, () => {
  it('says there what needs a person, and not again after a restart', async () => {
    const { homeserver, said } = await stage();
    const folder = tempDir();
    const env = { REPORT_ROOM: '%23reports:usher.test' };
    const first = await startUsher(homeserver, MAP, { folder, env });
    await vi.waitFor(async () => expect(await said()).toHaveLength(1), SOON);
    expect((await said())[0]).toContain('Rooms that can not be used\n\n- #nowhere:usher.test');
    expect(await componentsOf(first.url)).toMatchObject({ reports: { status: 'ok' } });
    await first.close();
    const second = await startUsher(homeserver, MAP, { folder, env });
    await second.settle();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await said()).toHaveLength(1);
  });

  it('goes on, is degraded, and says how to mend it when it can not enter that room', async () => {
    const { homeserver, owner } = await stage({ alias: 'other' });
    const eng = await owner.createRoom({ alias: 'eng' });
    const env = { REPORT_ROOM: '#reports:usher.test' };
    const map = { ...MAP, 'ext-real': '#eng:usher.test' };
    const { url, provider, settle } = await startUsher(homeserver, map, { env });
    await vi.waitFor(async () => {
      const { reports } = await componentsOf(url);
      expect(reports).toMatchObject({ status: 'degraded', detail: expect.stringContaining('Make the room') });
    }, SOON);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const ann = await provider.createUser({ userName: 'ann' });
    await provider.createGroup('Engineering', 'ext-real', [ann]);
    await settle();
    expect(await homeserver.homeserver.joinedMembers(eng)).toContain('@ann:usher.test');
  });

  it('says nothing in a dry run, nor without the setting', async () => {
    const { homeserver, said, room } = await stage();
    for (const env of [{ REPORT_ROOM: '#reports:usher.test', DRY_RUN: 'true' }, {}] as const) {
      const { url, settle, close } = await startUsher(homeserver, MAP, { env });
      await settle();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(await componentsOf(url)).not.toHaveProperty('reports');
      await close();
    }
    expect(await said()).toEqual([]);
    expect((await homeserver.homeserver.joinedMembers(room))?.size).toBe(1);
  });
});

describe('a service with REPORT_WEBHOOK_URL', { timeout: 60_000 }, () => {
  it('posts the same there, again and again until it is taken', async () => {
    const { homeserver } = await stage();
    const to = await receiver();
    to.state.answer = 503;
    const env = { REPORT_WEBHOOK_URL: to.url, REPORT_WEBHOOK_SECRET: SECRET };
    const { url } = await startUsher(homeserver, MAP, { env });
    await vi.waitFor(async () => {
      const { reports } = await componentsOf(url);
      expect(reports).toMatchObject({ status: 'degraded', detail: expect.stringContaining('answers 503') });
    }, SOON);
    to.state.answer = 200;
    await vi.waitFor(() => expect(to.bodies()).toHaveLength(1), SOON);
    expect(to.bodies()[0]).toMatchObject({ kind: 'rooms', title: 'Rooms that can not be used' });
    expect(new Set(to.asked.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(to.asked.length).toBeGreaterThan(1);
    expect(await componentsOf(url)).toMatchObject({ reports: { status: 'ok' } });
  });
});

describe('usher check on REPORT_ROOM', () => {
  it('says that the bot enters it, and that it is in', async () => {
    const { check, room, homeserver } = await stage();
    expect(await check({})).toContain(`ok    REPORT_ROOM: ${room}: Usher enters it with the first report`);
    await homeserver.homeserver.takeRoom(room);
    expect(await check({})).toContain(`REPORT_ROOM: ${room}: @usher:usher.test is in it`);
    expect(await check({ DRY_RUN: 'true' })).toContain('with DRY_RUN nothing is said there');
  });

  it('warns of an alias that no room has, a room that nobody knows, and one that nobody can let it into', async () => {
    const { check, owner } = await stage();
    expect(await check({ REPORT_ROOM: '#none:usher.test' })).toMatch(
      /no room has the alias[\s\S]*make the room/,
    );
    expect(await check({ REPORT_ROOM: '!none:usher.test' })).toContain('does not know !none:usher.test');
    const plain = await owner.createRoom({ version: '11' });
    await owner.setPowerLevels(plain, {
      users: { [owner.userId]: 50 },
      events: { 'm.room.power_levels': 100 },
    });
    const stdout = await check({ REPORT_ROOM: plain });
    expect(stdout).toMatch(
      /warn {2}REPORT_ROOM: .*nobody of this homeserver there has the power to let it in/,
    );
    expect(stdout).toMatch(/to do: {4}let somebody who has power in it invite @usher:usher.test/);
    expect(stdout).toContain('Usher can do its work.');
  });

  it('warns of an encrypted room', async () => {
    const { check, owner, room } = await stage();
    await owner.setState(room, 'm.room.encryption', '', { algorithm: 'm.megolm.v1.aes-sha2' });
    expect(await check({})).toContain('the room is end-to-end encrypted, and the bot does not encrypt');
  });
});
