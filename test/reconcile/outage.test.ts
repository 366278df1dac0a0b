import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { RoomId } from '../../src/matrix/ids.ts';
import { tellOutages } from '../../src/reconcile/outage.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { scene } from '../support/scene.ts';

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
