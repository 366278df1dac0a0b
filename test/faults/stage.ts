import { expect, onTestFinished } from 'vitest';
import { type RoomId, type UserId, userId } from '../../src/matrix/ids.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { startWithMas } from '../support/homeserver/with-mas.ts';
import { type Env, startUsher } from '../support/usher.ts';

const at = (name: string): UserId => userId(name, 'usher.test');

/** The shortest that there are, so that what waits for them does not wait long. */
const ENV = { MATRIX_TIMEOUT: '1s', RESYNC_INTERVAL: '10s', REMOVAL_LIMIT_PERCENT: '100' };

export type Stage = Awaited<ReturnType<typeof openStage>>;
export type Scene = Awaited<ReturnType<Stage['scene']>>;

/** Who signs people in. */
export const AUTHS = ['synapse', 'mas'] as const;
type Auth = (typeof AUTHS)[number];

const openHomeserver = {
  async synapse() {
    const homeserver = await startSimulated();
    const proxy = await startFaultProxy(homeserver.url);
    return { homeserver, proxy, reached: { ...homeserver, url: proxy.url } };
  },

  /** One address for all, as a reverse proxy makes it. */
  async mas() {
    const homeserver = await startWithMas();
    const { url, masUrl, issuer } = homeserver;
    const proxy = await startFaultProxy((path) => {
      if (path.startsWith('/api/admin/')) return masUrl;
      return path.startsWith('/oauth2/') ? issuer.replace(/\/$/, '') : url;
    });
    const ofMas = { ...homeserver.settings, MAS_URL: proxy.url };
    return { homeserver, proxy, reached: { ...homeserver, url: proxy.url, settings: ofMas } };
  },
};

/** An Usher that reaches the simulated homeserver only through the proxy, and so many scenes that may be played. */
export async function openStage(scenes: number, env: Env = {}, auth: Auth = 'synapse') {
  const { homeserver, proxy, reached } = await openHomeserver[auth]();
  onTestFinished(async () => {
    await proxy.close();
    await homeserver.close();
  });
  const owner = await homeserver.person('owner');
  const [eng, ops, lobby] = [await owner.createRoom(), await owner.createRoom(), await owner.createRoom()];
  const map: Record<string, unknown> = { eng, mods: { room: ops, powerLevel: 50 }, '*': lobby };
  const old: RoomId[] = [];
  for (let number = 0; number < scenes; number += 1) {
    old.push(await owner.createRoom({ alias: `old${number}`, version: '11' }));
    map[`old${number}`] = `#old${number}:usher.test`;
  }
  const usher = await startUsher(reached, map, { env: { ...ENV, ...env } });
  const { provider } = usher;
  const [group, mods] = [
    await provider.createGroup('eng', 'eng'),
    await provider.createGroup('mods', 'mods'),
  ];
  const mayBeKicked = new Set<string>();
  const { rooms } = homeserver.world;
  const isIn = (room: RoomId, name: string): boolean =>
    rooms.get(room)?.members.get(at(name))?.membership === 'join';

  /** Who was let in twice, or shown out twice or who was not to be: by all that ever happened in the rooms. */
  const wrongs = (): readonly string[] => {
    const seen = new Map<string, number>();
    for (const room of [eng, ops, lobby, ...old]) {
      for (const { userId: user, membership, sender } of rooms.get(room)?.log ?? []) {
        if (user === owner.userId || user === homeserver.bot) continue;
        const isKick = membership === 'leave' && sender === homeserver.bot;
        if (membership !== 'join' && !isKick) continue;
        const what = `${isKick ? 'kick' : 'join'} ${user} ${room}`;
        seen.set(what, (seen.get(what) ?? 0) + 1);
      }
    }
    return [...seen].flatMap(([what, times]) => {
      const isMeant = !what.startsWith('kick') || mayBeKicked.has(what);
      return times > 1 || !isMeant ? [`${times} × ${what}`] : [];
    });
  };

  return {
    ...{ homeserver, proxy, usher, wrongs, mods, group, isIn, eng, lobby },

    /** How many calls Usher says that it made. */
    async calls(): Promise<number> {
      const text = await (await fetch(`${usher.url}/metrics`)).text();
      const counts = text.matchAll(/^usher_homeserver_call_duration_seconds_count\{.*\} (\d+)$/gm);
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    },

    /** People who are where they are to be, and to whom something is to happen. */
    async scene(number: number) {
      const name = (word: string): string => `${word}${number}`;
      const make = (word: string) => provider.createUser({ userName: name(word) });
      const [stayer, leaver, riser, goner] = [
        await make('stayer'),
        await make('leaver'),
        await make('riser'),
        await make('goner'),
      ];
      const everybody = [stayer, leaver, riser, goner];
      await provider.addMembers(group, ...everybody);
      await provider.createGroup(name('old'), name('old'), [stayer]);
      // A busy machine may let the short time-out pass, and somebody wait a little.
      const outside = () => ['stayer', 'leaver', 'riser', 'goner'].filter((word) => !isIn(eng, name(word)));
      await expect.poll(outside, { timeout: 20_000 }).toEqual([]);
      await usher.settle();
      let newcomer = '';
      let replacement: RoomId | undefined;

      return {
        /** One of each: a joiner with a new account, a leaver, a level, an offboarding, an upgraded room. */
        async play(): Promise<void> {
          mayBeKicked.add(`kick ${at(name('leaver'))} ${eng}`);
          for (const room of [eng, lobby]) mayBeKicked.add(`kick ${at(name('goner'))} ${room}`);
          newcomer = await make('newcomer');
          await provider.addMembers(group, newcomer);
          await provider.removeMembers(group, leaver);
          await provider.addMembers(mods, riser);
          await provider.putUser(goner, { userName: name('goner'), active: false });
          const room = old[number];
          if (room === undefined) throw new RangeError(`there is no scene ${number}`);
          replacement = await owner.upgradeRoom(room, '12');
        },

        /** What the provider was told is kept: answers what is not so. */
        async forgotten(): Promise<readonly string[]> {
          const members = JSON.stringify((await provider.readGroup(group)).members);
          const facts = {
            newcomer: members.includes(newcomer) && newcomer !== '',
            leaver: !members.includes(leaver),
            riser: JSON.stringify((await provider.readGroup(mods)).members).includes(riser),
            goner: (await provider.readUser(goner)).active === false,
          };
          return namesOf(facts);
        },

        /** Answers what is not yet as it is to be on the homeserver. */
        async missing(): Promise<readonly string[]> {
          const power = await homeserver.homeserver.roomPower(ops);
          const account = await homeserver.homeserver.account(at(name('goner')));
          const made = await homeserver.homeserver.account(at(name('newcomer')));
          return namesOf({
            'the newcomer has an account': made?.externalIds.length === 1,
            'the newcomer is in': isIn(eng, name('newcomer')) && isIn(lobby, name('newcomer')),
            'the stayer is in': isIn(eng, name('stayer')) && isIn(lobby, name('stayer')),
            'the stayer is in the new room': replacement !== undefined && isIn(replacement, name('stayer')),
            'the leaver is out': !isIn(eng, name('leaver')) && isIn(lobby, name('leaver')),
            'the riser has her level': power?.powerLevels.users.get(at(name('riser'))) === 50,
            'the goner is out': !isIn(eng, name('goner')) && !isIn(lobby, name('goner')),
            'the goner is locked': account?.locked === true,
          });
        },
      };
    },
  };
}

function namesOf(facts: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.entries(facts).flatMap(([what, isSo]) => (isSo ? [] : [what]));
}

/** The rest of a story: all becomes right, nothing was done that was not to be, and then nothing is left to do. */
export async function expectRight(stage: Stage, scene: Scene, seconds: number): Promise<void> {
  const { usher, proxy, wrongs } = stage;
  const patience = { timeout: seconds * 1000, interval: 50 };
  await expect.poll(scene.missing, { ...patience, message: 'what is not yet as it is to be' }).toEqual([]);
  expect(wrongs()).toEqual([]);
  await usher.resync();
  const before = proxy.changes();
  const asked = proxy.requests();
  await usher.resync();
  expect(proxy.requests()).toBeGreaterThan(asked);
  expect(proxy.changes() - before).toBe(0);
  expect(await scene.missing()).toEqual([]);
  expect(proxy.trapped()).toBe(0);
}
