import { describe, expect, it, onTestFinished } from 'vitest';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import type { RoomId } from '../../src/matrix/ids.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { at, crowd, decide, rows, scopes } from '../support/crowd.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { usher } from '../support/terminal.ts';
import { envFor, startUsher } from '../support/usher.ts';

/** A room that a service has let six people into, and then ended. */
async function served(target: (room: RoomId) => object | RoomId) {
  const homeserver = await startSimulated();
  onTestFinished(() => homeserver.close());
  const owner = await homeserver.person('owner');
  const room = await owner.createRoom();
  const map = { eng: target(room) };
  const settings = {
    PROTECTED_USERS: owner.userId,
    GROUP_MAP_FILE: '',
    IDP_GROUP_TO_ROOM: JSON.stringify(map),
  };
  const running = await startUsher(homeserver, map, { env: { PROTECTED_USERS: owner.userId } });
  const ids: string[] = [];
  for (let n = 0; n < 6; n += 1) ids.push(await running.provider.createUser({ userName: `p${n}` }));
  const group = (await running.provider.createGroup('eng', 'eng', ids)) as ResourceId;
  await running.settle();
  await running.close();
  const env = envFor(homeserver, '', { DATA_DIR: running.dataDir, ...settings });
  const plan = async () => JSON.parse((await usher(['plan', '--json'], env)).stdout);
  const inStore = async <T>(work: (store: ReturnType<typeof openStore>) => Promise<T>): Promise<T> => {
    const store = openStore(running.dataDir);
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };
  return { homeserver, owner, room, group, env, plan, inStore };
}

describe('usher plan', () => {
  it('says that the first stranger in an exclusive room is asked about', async () => {
    const stage = await served((room) => ({ room, mode: 'exclusive' }));
    const stranger = await stage.homeserver.person('stranger');
    await stage.owner.invite(stage.room, stranger.userId);
    await stranger.join(stage.room);
    const { changes, held } = await stage.plan();
    expect(changes).toMatchObject([{ kind: 'kick', account: stranger.userId }]);
    expect(held).toEqual([expect.stringContaining('exclusive now')]);
  });

  it('says what holds everything, as apply then does; and what was rejected is not made', async () => {
    const stage = await served((room) => room);
    await stage.inStore((store) => store.groups.remove('default' as SourceId, stage.group, Date.now()));
    const { changes, held } = await stage.plan();
    expect(changes).toHaveLength(6);
    expect(held).toEqual([expect.stringContaining('the directory has no group or no active user left')]);
    await usher(['apply'], stage.env);
    expect(await stage.inStore((store) => scopes({ store }))).toEqual(['empty']);
    await stage.inStore((store) => decide({ store }, 'empty', 'rejected'));
    const after = await stage.plan();
    expect(after.held).toContainEqual(expect.stringContaining('6 changes were rejected'));
  });
});

describe('a dry run', () => {
  it('leaves what is held, decided and marked as it is', async () => {
    const stage = await crowd(20);
    await stage.leave(stage.group, ...stage.ids);
    await stage.run(stage.map);
    await stage.join(stage.group, ...stage.ids.slice(0, 18));
    const before = [await scopes(stage), await rows(stage), await stage.store.work.all()];
    await stage.run(stage.map, {}, { DRY_RUN: 'true' });
    expect([await scopes(stage), await rows(stage)]).toEqual(before.slice(0, 2));
    expect(await stage.isIn(stage.room, at('p19'))).toBe(true);
    await stage.run(stage.map);
    expect(await scopes(stage)).toEqual([]);
    expect(await stage.inRoom()).toBe(18);
  });
});

describe('usher unlink', () => {
  it('leaves nothing held, and no permission, of an account that is nobody’s', async () => {
    const stage = await served((room) => room);
    await stage.inStore((store) =>
      store.groups.update(
        'default' as SourceId,
        stage.group,
        ({ attributes }) => ({ attributes, members: [{ kind: 'replace', values: [] }] }),
        Date.now(),
      ),
    );
    await usher(['apply'], stage.env);
    expect(await stage.inStore((store) => rows({ store }))).toHaveLength(6);
    await usher(['unlink', 'p0'], stage.env);
    const [left, records] = await stage.inStore(async (store) => [
      await store.guard.heldOf(at('p0')),
      await store.people.entitlements(at('p0')),
    ]);
    expect(left).toEqual([]);
    expect(records).toEqual([]);
  });
});
