import { writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import type { ResourceId } from '../../src/directory/resource.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import { envFor, startUsher } from '../support/usher.ts';

const words = { added: 'Welcome' };

async function stage(hasServerNotices: boolean) {
  const homeserver = await startSimulated({ hasServerNotices });
  onTestFinished(() => homeserver.close());
  const room = await (await homeserver.person('owner')).createRoom();
  return {
    ...{ homeserver, room },
    async check(target: object) {
      const env = envFor(homeserver, tempDir());
      writeFileSync(String(env.GROUP_MAP_FILE), JSON.stringify({ g: target }));
      return (await usher(['check'], env)).stdout;
    },
  };
}

describe('usher check on words for people', () => {
  it('says which lines homeserver.yaml needs', async () => {
    const { check, room } = await stage(false);
    const said = await check({ room, words });
    expect(said).toContain('warn  server notices: the homeserver has none');
    const [yaml = ''] = /^ +server_notices:\n(?: {10}.*\n)+/m.exec(said) ?? [];
    expect(parse(yaml)).toEqual({
      server_notices: {
        system_mxid_localpart: 'notices',
        system_mxid_display_name: 'Notices',
        room_name: 'Notices',
      },
    });
  });

  it('is content with a homeserver that has server notices, and tells nobody anything', async () => {
    const { check, room, homeserver } = await stage(true);
    expect(await check({ room, words })).toContain('ok    server notices: the homeserver has them');
    const people = homeserver.world.accounts.all().map(({ userId }) => userId);
    expect(people.flatMap((user) => [...homeserver.world.rooms.memberships(user).keys()])).toEqual([room]);
  });

  it('does not ask when the map has nothing to say', async () => {
    const { check, room } = await stage(false);
    expect(await check({ room })).not.toContain('server notices');
  });
});

describe('a service with words for people', { timeout: 60_000 }, () => {
  it('lets them in all the same when the homeserver can not say them, and writes that down once', async () => {
    const { homeserver, room } = await stage(false);
    const folder = tempDir();
    const running = await startUsher(homeserver, { g: { room, words } }, { folder });
    const ids = await Promise.all(
      ['ann', 'bob'].map((userName) => running.provider.createUser({ userName })),
    );
    await running.provider.createGroup('g', 'g', ids);
    await running.settle();
    expect((await homeserver.homeserver.joinedMembers(room))?.has('@ann:usher.test' as never)).toBe(true);
    const journal = async () =>
      (await usher(['journal', '--action', 'tell'], envFor(homeserver, folder))).stdout;
    await expect.poll(journal, { timeout: 20_000 }).toContain('the homeserver has no server notices');
    expect((await journal()).match(/server notices/g)).toHaveLength(1);
  });

  it('says nothing in a dry run, and what waited when that is over', async () => {
    const { homeserver, room } = await stage(true);
    const ann = (await homeserver.person('ann')).userId;
    const folder = tempDir();
    const store = openStore(`${folder}/data`);
    await store.words.add({
      ...{ account: ann, roomId: room, userId: 'id' as ResourceId, kind: 'removed', text: 'Farewell' },
      at: Date.now() - 60_000,
    });
    await store.close();
    const rooms = () => [...homeserver.world.rooms.memberships(ann).values()];
    const dry = await startUsher(homeserver, {}, { folder, env: { DRY_RUN: 'true' } });
    await dry.resync();
    await dry.close();
    expect(rooms()).toEqual([]);
    await startUsher(homeserver, {}, { folder });
    await expect.poll(rooms, { timeout: 10_000 }).toEqual(['invite']);
  });
});
