import { describe, expect, it, onTestFinished } from 'vitest';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import { parseRoomId, type RoomAlias, userId } from '../../src/matrix/ids.ts';
import { readOnly } from '../../src/synapse/read-only.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';

const nobody = userId('nobody', 'usher.test');
const alias = '#room:usher.test' as RoomAlias;

async function started() {
  const server = await startSimulated({ via: 'port' });
  onTestFinished(() => server.close());
  return server;
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('a homeserver that is read only', () => {
  it('tells all that the homeserver tells', async () => {
    const { homeserver, person } = await started();
    const ann = await person('ann');
    const room = await ann.createRoom({ name: 'Room', alias: 'room' });
    await homeserver.updateAccount(ann.userId, {
      externalIds: [{ provider: 'oidc', id: 'a' }],
      threepids: [{ medium: 'email', address: 'ann@example.org' }],
    });
    const reads: readonly ((from: Homeserver) => Promise<unknown>)[] = [
      (from) => from.identify(),
      (from) => from.account(ann.userId),
      (from) => from.accountByExternalId({ provider: 'oidc', id: 'a' }),
      (from) => from.accountByEmail('ann@example.org'),
      (from) => all(from.accounts()),
      (from) => from.admins(),
      (from) => from.resolveAlias(alias),
      (from) => from.room(room),
      (from) => from.findRooms('room'),
      (from) => from.joinedMembers(room),
      (from) => from.member(room, ann.userId),
      (from) => from.memberships(ann.userId),
      (from) => from.isNameFree(ann.userId),
      (from) => from.roomPower(room),
      (from) => from.children(room),
    ];
    for (const read of reads) {
      const told = await read(readOnly(homeserver));
      expect(told).toBeDefined();
      expect(told).toEqual(await read(homeserver));
    }
    const next = await ann.upgradeRoom(room, '12');
    expect(await readOnly(homeserver).replacement(room)).toBe(next);
  });

  const room = parseRoomId('!room');
  if (room === undefined) throw new Error('not a room id');
  const newAccount = { displayName: undefined, externalId: undefined, email: undefined };
  const newRoom = { name: undefined, topic: undefined, isSpace: false, isPrivate: true, isEncrypted: false };
  it.each<[string, (to: Homeserver) => Promise<unknown>]>([
    ['createAccount', (to) => to.createAccount(nobody, newAccount)],
    ['updateAccount', (to) => to.updateAccount(nobody, {})],
    ['setAdmin', (to) => to.setAdmin(nobody, true)],
    ['restrict', (to) => to.restrict(nobody, 'lock')],
    ['unrestrict', (to) => to.unrestrict(nobody, 'lock')],
    ['join', (to) => to.join(room, nobody)],
    ['kick', (to) => to.kick(room, nobody, '')],
    ['upload', (to) => to.upload({ bytes: new Uint8Array(), contentType: 'image/png' })],
    ['setPowerLevels', (to) => to.setPowerLevels(room, new Map())],
    ['createRoom', (to) => to.createRoom({ alias, ...newRoom })],
    ['addChild', (to) => to.addChild(room, room)],
    ['takeRoom', (to) => to.takeRoom(room)],
    ['sendNotice', (to) => to.sendNotice(room, { text: 'a', html: 'a' }, 'a')],
    ['sendServerNotice', (to) => to.sendServerNotice(nobody, 'a')],
    ['liftRateLimit', (to) => to.liftRateLimit()],
  ])('refuses %s', async (_, change) => {
    const { homeserver } = await started();
    await expect(change(readOnly(homeserver))).rejects.toMatchObject({
      name: 'HomeserverError',
      kind: 'refused',
      errcode: undefined,
    });
    expect(await homeserver.account(nobody)).toBeUndefined();
  });
});
