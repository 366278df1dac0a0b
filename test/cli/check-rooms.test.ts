import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/cli/service.ts';
import { loadConfig } from '../../src/config/config.ts';
import { checkRooms } from '../../src/desk/check-rooms.ts';
import { createLog } from '../../src/log.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { RoomAlias } from '../../src/matrix/ids.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { type SimulatedUnderTest, startSimulated } from '../support/homeserver/simulated.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import { envFor, startUsher } from '../support/usher.ts';

let homeserver: SimulatedUnderTest;
let owner: Awaited<ReturnType<SimulatedUnderTest['person']>>;
beforeAll(async () => {
  homeserver = await startSimulated();
  owner = await homeserver.person('owner');
});
afterAll(() => homeserver.close());

/** What `usher check` prints with this map, where no provider pushed anything. */
async function check(map: string): Promise<string> {
  const env = envFor(homeserver, tempDir());
  writeFileSync(String(env.GROUP_MAP_FILE), map);
  return (await usher(['check'], env)).stdout;
}

/** The warnings of the map with its lines, without what a file is called. */
function mapWarnings(stdout: string): readonly string[] {
  return [...stdout.matchAll(/^warn {2}group map: .*group-map\.jsonc:(.*)$/gm)].map(([, line]) => line ?? '');
}

describe('usher check on rooms of the map', () => {
  it('finds one room by two names, and one that was replaced', async () => {
    const room = await owner.createRoom({ alias: 'twice', version: '11' });
    const next = await owner.upgradeRoom(room, '12');
    const stdout = await check(`{"a": "#twice:usher.test",\n"b": {"room": "${room}", "mode": "exclusive"}}`);
    expect(mapWarnings(stdout)).toEqual([
      `2:6: #twice:usher.test (line 1) and ${room} (line 2) are one room`,
      `2:6: ${room} was replaced by ${next}`,
    ]);
    expect(stdout).toContain(
      'it means: "granted" (line 1) is in force there and "exclusive" (line 2) has no effect.',
    );
    expect(stdout).toContain('to do:    write #twice:usher.test.');
    expect(stdout).toContain(`ok    room ${room}: the same room as #twice:usher.test`);
  });

  it('knows spaces from rooms, and what is in them', async () => {
    const [room, space, empty] = [
      await owner.createRoom(),
      await owner.createRoom({ isSpace: true }),
      await owner.createRoom({ isSpace: true }),
    ];
    const [inside, outside] = [await owner.createRoom(), await owner.createRoom()];
    await owner.setChild(space, inside, true);
    await owner.setChild(space, '!far:elsewhere.test' as typeof room, true);
    const stdout = await check(`{"a": [
      {"room": "${room}", "children": "all"},
      {"room": "${space}", "children": ["${inside}", "${outside}"]},
      {"room": "${empty}", "children": "all"}]}`);
    expect(mapWarnings(stdout)).toEqual([
      `2:7: ${room} has "children" and is no space`,
      `3:7: ${outside} is among the "children" of ${space} and no room of that space`,
      `4:7: ${empty} has "children" and no room is in it`,
    ]);
    expect(stdout).toContain(`ok    room ${space}: rooms that the space has: 1`);
    expect(stdout).toContain(
      `warn  room !far:elsewhere.test in ${space}: the homeserver does not know this room`,
    );
  });

  it('compares levels with what the bot has, or could take', async () => {
    const [plain, low] = [
      await owner.createRoom({ version: '11' }),
      await owner.createRoom({ version: '11' }),
    ];
    const mod = await homeserver.person('mod');
    await owner.invite(low, mod.userId);
    await mod.join(low);
    await owner.setPowerLevels(low, { users: { [owner.userId]: 60 }, state_default: 50 });
    const levels = (room: string, powerLevel: number) => ({ room, powerLevel });
    const stdout = await check(
      JSON.stringify({ a: [levels(plain, 99), levels(low, 60)], b: levels(low, 75) }),
    );
    expect(mapWarnings(stdout).map((line) => line.replace(/^[\d:]+ /, ''))).toEqual([
      `the power level 60 in ${low} is as high as the bot's own level`,
      `the power level 75 in ${low} is above the bot's own level, 60`,
    ]);
  });

  it('says that newcomers will not read what was written before', async () => {
    const [secret, joined, open] = [
      await owner.createRoom(),
      await owner.createRoom(),
      await owner.createRoom(),
    ];
    await owner.setState(secret, 'm.room.encryption', '', { algorithm: 'm.megolm.v1.aes-sha2' });
    await owner.setState(joined, 'm.room.history_visibility', '', { history_visibility: 'joined' });
    const stdout = await check(JSON.stringify({ a: [secret, joined, open] }));
    expect(stdout).toContain(
      `ok    room ${secret}: it is end-to-end encrypted: newcomers can not read what was written before`,
    );
    expect(stdout).toMatch(new RegExp(`ok {4}room ${joined}: .*newcomers can not read`));
    expect(stdout).not.toMatch(new RegExp(`room ${open}: .*newcomers`));
  });

  it('reads each room once', async () => {
    const [room, space] = [
      await owner.createRoom({ alias: 'once' }),
      await owner.createRoom({ isSpace: true }),
    ];
    await owner.setChild(space, room, true);
    const reads: string[] = [];
    const counting: Homeserver = {
      ...homeserver.homeserver,
      room(id) {
        reads.push(id);
        return homeserver.homeserver.room(id);
      },
    };
    const named = { a: ['#once:usher.test', room], b: { room: space, children: 'all', mode: 'exclusive' } };
    const map = parseGroupMap(JSON.stringify(named));
    const env = envFor(homeserver, tempDir(), { GROUP_MAP_FILE: '', IDP_GROUP_TO_ROOM: '{}' });
    const { config } = loadConfig({ env, readFile: () => '' });
    const found: string[] = [];
    for await (const finding of checkRooms({ config, homeserver: counting, map, store: undefined })) {
      found.push(finding.found);
    }
    expect(reads.toSorted()).toEqual([room, space].toSorted());
    expect(found.filter((text) => text.includes('is not in it'))).toHaveLength(2);
  });
});

describe('usher check beside a service', () => {
  let members = 0;

  /** A running Usher with a group `eng` of one member, and the settings for commands beside it. */
  async function service(map: object) {
    const running = await startUsher(homeserver, map);
    members += 1;
    const id = await running.provider.createUser({ userName: `member${members}` });
    await running.provider.createGroup('eng', 'eng', [id]);
    await running.settle();
    return { running, env: envFor(homeserver, join(running.dataDir, '..')) };
  }

  it('counts the strangers of an exclusive room, and those whom the bot can not remove', async () => {
    const room = await owner.createRoom({ version: '11' });
    for (const name of ['stranger1', 'stranger2']) {
      const stranger = await homeserver.person(name);
      await owner.invite(room, stranger.userId);
      await stranger.join(room);
    }
    const { running, env } = await service({ eng: room });
    running.writeMap(`{"eng": {"room": "${room}", "mode": "exclusive"}}`);
    const { stdout } = await usher(['check'], env);
    expect(mapWarnings(stdout)).toEqual([
      `1:9: ${room} is "exclusive", and the bot stands no higher there than @owner:usher.test`,
      `1:9: ${room} is "exclusive", and 2 strangers are in it, whom no group lets in today`,
    ]);
    expect(stdout).toContain('it means: Usher would ask for approval to remove them.');
    const again = async () => (await usher(['check'], env)).stdout;
    await expect.poll(again, { timeout: 10_000 }).toContain('warn  guard: 2 changes wait for a person:');
    expect(await again()).toContain('is exclusive now, and people are in it whom no group lets in (since ');
  });

  it('names a room that was made and has lost its alias, which goes on', async () => {
    const alias = '#made:usher.test' as RoomAlias;
    const { running, env } = await service({ eng: { room: alias, create: true } });
    const room = await homeserver.homeserver.resolveAlias(alias);
    await homeserver.request('DELETE', `/_matrix/client/v3/directory/room/${encodeURIComponent(alias)}`);
    await running.resync();
    expect(await (await fetch(`${running.url}/readyz`)).text()).toContain('"rooms":{"status":"ok"}');
    const { exitCode, stdout } = await usher(['check'], env);
    expect(mapWarnings(stdout)).toEqual([
      `1:8: ${alias} was made by Usher as ${room} and has lost its alias`,
    ]);
    expect(stdout).toContain(`to do:    give ${room} the alias again, or write ${room}.`);
    expect(exitCode).toBe(0);
  });

  it('says that a room is still to be made', async () => {
    const stdout = await check('{"eng": {"room": "#tobe:usher.test", "create": true}}');
    expect(stdout).toContain('ok    room #tobe:usher.test: no room has this alias; Usher makes it');
  });

  it('tells when the last full pass was, and how old the newest backup is', async () => {
    const { running, env } = await service({});
    expect((await usher(['check'], env)).stdout).toMatch(
      /^ok {4}full pass: the last one ended \d+ seconds? ago, at \d{4}-/m,
    );
    await running.close();
    const backups = join(running.dataDir, 'backups');
    mkdirSync(backups, { recursive: true });
    const at = new Date(Date.now() - 3 * 24 * 3_600_000).toISOString().slice(0, 19).replaceAll(':', '-');
    for (const name of [`usher-${at}Z.db`, 'usher-2020-01-01T00-00-00Z-before-approve.db', 'notes.txt']) {
      writeFileSync(join(backups, name), '');
    }
    const db = new Database(join(running.dataDir, 'usher.db'));
    db.prepare("UPDATE facts SET value = json_set(value, '$.finishedAt', ?) WHERE name = 'last-pass'").run(
      Date.now() - 3 * 3_600_000,
    );
    db.close();
    const { stdout } = await usher(['check'], env);
    expect(stdout).toMatch(
      /^warn {2}full pass: the last one ended 3 hours ago, .* RESYNC_INTERVAL is 60 minutes$/m,
    );
    expect(stdout).toMatch(/^ok {4}backup: 2 backups in .*, the newest 3 days old$/m);
    expect(stdout).toMatch(/^ok {4}guard: nothing is held$/m);
  });
});

describe('the service', () => {
  it('logs what is seldom meant in the map once for as long as it is so', async () => {
    const room = await owner.createRoom({ alias: 'logged' });
    const env = envFor(homeserver, tempDir(), { LOG_LEVEL: 'warn' });
    writeFileSync(String(env.GROUP_MAP_FILE), `{"*": ["#logged:usher.test",\n"${room}"]}`);
    const { config } = loadConfig({ env, readFile: () => '' });
    const lines: Record<string, unknown>[] = [];
    const log = createLog('warn', { write: (line) => lines.push(JSON.parse(line)) });
    const { loop, close } = await startService(config, log);
    try {
      for (let pass = 0; pass < 3; pass += 1) {
        loop.requestPass();
        await loop.rest();
      }
      expect(lines.filter(({ msg }) => msg === 'needs a person')).toMatchObject([
        {
          level: 'warn',
          place: `${env.GROUP_MAP_FILE}:2:1`,
          reason: expect.stringContaining(`#logged:usher.test (line 1) and ${room} (line 2) are one room`),
        },
      ]);
      expect(loop.problems()).toEqual([]);
    } finally {
      await close();
    }
  });
});
