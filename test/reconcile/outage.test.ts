import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { tellOutages } from '../../src/reconcile/outage.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { scene } from '../support/scene.ts';

const BOT = '@usher:usher.test' as UserId;

/** A homeserver that breaks off whoever reads or joins one room. */
function withBroken(
  homeserver: Homeserver,
  broken: { readonly read?: RoomId; readonly join?: RoomId },
): Homeserver {
  const unless = async <T>(isBroken: boolean, call: () => Promise<T>): Promise<T> => {
    if (isBroken) throw new HomeserverError('unavailable', 'answered 500', { errcode: 'M_UNKNOWN' });
    return call();
  };
  return tellOutages({
    ...homeserver,
    joinedMembers: (room) => unless(room === broken.read, () => homeserver.joinedMembers(room)),
    join: (room, user) => unless(room === broken.join, () => homeserver.join(room, user)),
  });
}

describe('an outage', () => {
  it('is told from one call that breaks off', async () => {
    const { homeserver, world } = await startSimulated({ via: 'port' });
    const room = '!broken:usher.test' as RoomId;
    const broken = withBroken(homeserver, { read: room });
    await expect(broken.joinedMembers(room)).rejects.toMatchObject({
      kind: 'failed',
      errcode: 'M_UNKNOWN',
    });
    world.goDown();
    await expect(broken.joinedMembers(room)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it.each([
    ['unauthorised', 'failed', 'unauthorised'],
    ['protocol', 'protocol', 'unavailable'],
    ['throttled', 'throttled', 'unavailable'],
  ] as const)('is told from one call that is answered as %s', async (kind, alone, everywhere) => {
    const { homeserver } = await startSimulated({ via: 'port' });
    const room = '!broken:usher.test' as RoomId;
    const fail = async (): Promise<never> => {
      throw new HomeserverError(kind, 'answered so', { retryAfterMs: 700 });
    };
    const one = tellOutages({ ...homeserver, joinedMembers: fail });
    await expect(one.joinedMembers(room)).rejects.toMatchObject({ kind: alone });
    const all = tellOutages({ ...homeserver, joinedMembers: fail, identify: fail });
    await expect(all.joinedMembers(room)).rejects.toMatchObject({ kind: everywhere, retryAfterMs: 700 });
  });

  /** Every call but `identify` breaks off or is refused, whoever is asked. */
  const failing = (kind: 'unavailable' | 'refused' | 'throttled', admin: boolean | 'down'): Homeserver =>
    tellOutages(
      new Proxy({} as Homeserver, {
        get: (_, name) => async () => {
          if (name !== 'identify' || admin === 'down')
            throw new HomeserverError(kind, `${String(name)} broke off`);
          return { userId: BOT, admin };
        },
      }),
    );
  const READS = [
    ...['account', 'accountByExternalId', 'accountByEmail', 'isNameFree', 'resolveAlias', 'room'],
    ...['findRooms', 'joinedMembers', 'roomPower', 'children', 'replacement', 'member', 'memberships'],
    ...['hasServerNotices', 'admins'],
  ] as const;
  const CHANGES = [
    ...['createAccount', 'updateAccount', 'restrict', 'unrestrict', 'upload', 'join', 'kick', 'takeRoom'],
    ...['setPowerLevels', 'createRoom', 'addChild', 'sendNotice', 'liftRateLimit'],
    ...['sendServerNotice', 'setAdmin'],
  ] as const;
  const ask = (homeserver: Homeserver, name: string): Promise<unknown> =>
    (homeserver as unknown as Record<string, () => Promise<unknown>>)[name]?.() ?? Promise.resolve();

  it.each([...READS, ...CHANGES])('is told by %s as by any other call', async (name) => {
    const message = `${name} broke off`;
    await expect(ask(failing('unavailable', true), name)).rejects.toMatchObject({ kind: 'failed', message });
    await expect(ask(failing('unavailable', 'down'), name)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(ask(failing('throttled', true), name)).rejects.toMatchObject({ kind: 'throttled' });
    await expect(ask(failing('refused', true), name)).rejects.toMatchObject({ kind: 'refused', message });
  });

  it.each(READS)('is one for all when %s is refused to who is no server admin any more', async (name) => {
    await expect(ask(failing('refused', false), name)).rejects.toMatchObject({
      kind: 'unauthorised',
      message: `${BOT} is not a server admin any more`,
      cause: { kind: 'refused' },
    });
  });

  it.each(CHANGES)('is none when %s is refused', async (name) => {
    await expect(ask(failing('refused', false), name)).rejects.toMatchObject({ kind: 'refused' });
  });

  it('is told in the middle of the list of accounts', async () => {
    const { homeserver, person, world } = await startSimulated({ via: 'port' });
    for (const name of ['ann', 'bob']) await person(name);
    const told = tellOutages(homeserver);
    const all: string[] = [];
    for await (const { userId } of told.accounts()) all.push(userId);
    expect(all).toHaveLength(3);
    world.goDown();
    await expect(told.accounts()[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await expect(told.identify()).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('is no matter of errors that are our own', async () => {
    const { homeserver } = await startSimulated({ via: 'port' });
    const broken = tellOutages({
      ...homeserver,
      room: async () => {
        throw new TypeError('a fault of ours');
      },
    });
    await expect(broken.room('!a' as RoomId)).rejects.toThrow(TypeError);
  });

  it('is not what one broken room makes: the other rooms are reached', async () => {
    const { owner, user, run, isIn, homeserver, store } = await scene();
    const [unreadable, unjoinable] = [await owner.createRoom(), await owner.createRoom()];
    const rooms = [await owner.createRoom(), await owner.createRoom()];
    const { id } = await user({ userName: 'ann', externalId: 'x' });
    const broken = withBroken(homeserver, { read: unreadable, join: unjoinable });
    const status = await run({ '*': [unreadable, unjoinable, ...rooms] }, broken);
    for (const room of rooms) expect(await isIn(room)).toBe(true);
    expect(status).toMatchObject({ pause: undefined, lastPass: { problems: [{ target: unreadable }] } });
    expect(await store.work.failing(10)).toMatchObject([{ userId: id, lastError: { kind: 'failed' } }]);
  });
});
