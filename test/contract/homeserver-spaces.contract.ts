import { describe, expect, it } from 'vitest';
import type { NewRoom } from '../../src/matrix/homeserver.ts';
import type { RoomId } from '../../src/matrix/ids.ts';
import { aliasOf, type Shared, unknownRoom } from './homeserver-shared.ts';

export function describeSpaces(shared: Shared): void {
  const person = (name: string) => shared.server.person(shared.fresh(name));

  const newRoom = (room: Partial<NewRoom> = {}): NewRoom => ({
    alias: aliasOf(shared.fresh('made'), shared.server.serverName),
    name: undefined,
    topic: undefined,
    isSpace: false,
    isPrivate: true,
    isEncrypted: false,
    ...room,
  });

  /** The content of a state event, undefined if there is none. */
  async function stated(room: RoomId, type: string, stateKey = ''): Promise<unknown> {
    const path = `/_synapse/admin/v1/rooms/${encodeURIComponent(room)}/state?type=${type}`;
    const { body } = await shared.server.request('GET', path);
    const events: readonly { state_key?: unknown; content?: unknown }[] = Array.isArray(body.state)
      ? body.state
      : [];
    return events.find((event) => event.state_key === stateKey)?.content;
  }

  describe('createRoom', () => {
    it('makes a private room that the bot is alone in, above all others', async () => {
      const { homeserver, bot } = shared.server;
      const wanted = newRoom({ name: 'Engineering', topic: 'Bridges' });
      const made = await homeserver.createRoom(wanted);
      const room = await homeserver.room(made);
      expect(room).toMatchObject({ name: 'Engineering', canonicalAlias: wanted.alias, joinRule: 'invite' });
      expect(room).toMatchObject({ isSpace: false, version: '12', creators: new Set([bot]) });
      expect([...(room?.members.keys() ?? [])]).toEqual([bot]);
      expect(await stated(made, 'm.room.topic')).toMatchObject({ topic: 'Bridges' });
      expect(await stated(made, 'm.room.encryption')).toBeUndefined();
      expect(await homeserver.resolveAlias(wanted.alias)).toBe(made);
    });

    it('makes a public, encrypted space without a name', async () => {
      const { homeserver } = shared.server;
      const made = await homeserver.createRoom(
        newRoom({ isPrivate: false, isEncrypted: true, isSpace: true }),
      );
      expect(await homeserver.room(made)).toMatchObject({
        isSpace: true,
        joinRule: 'public',
        name: undefined,
      });
      expect(await stated(made, 'm.room.encryption')).toEqual({ algorithm: 'm.megolm.v1.aes-sha2' });
      const ann = await person('ann');
      await ann.join(made);
      expect(await homeserver.joinedMembers(made)).toContain(ann.userId);
    });

    it('makes rooms whose members the bot can join, raise and kick', async () => {
      const { homeserver, bot } = shared.server;
      const ann = await person('ann');
      const made = await homeserver.createRoom(newRoom());
      await homeserver.join(made, ann.userId);
      await homeserver.setPowerLevels(made, new Map([[ann.userId, 100]]));
      expect((await homeserver.roomPower(made))?.powerLevels.users.get(ann.userId)).toBe(100);
      await homeserver.kick(made, ann.userId, 'out');
      expect(await homeserver.joinedMembers(made)).toEqual(new Set([bot]));
    });

    it('refuses an alias that is taken, and makes no second room', async () => {
      const { homeserver, bot } = shared.server;
      const wanted = newRoom();
      const made = await homeserver.createRoom(wanted);
      const rooms = await homeserver.memberships(bot);
      await expect(homeserver.createRoom(wanted)).rejects.toMatchObject({
        kind: 'refused',
        errcode: 'M_ROOM_IN_USE',
      });
      expect(await homeserver.resolveAlias(wanted.alias)).toBe(made);
      expect(await homeserver.memberships(bot)).toEqual(rooms);
    });

    it('refuses an alias of another homeserver', async () => {
      const wanted = newRoom({ alias: aliasOf('made', 'elsewhere.invalid') });
      await expect(shared.server.homeserver.createRoom(wanted)).rejects.toMatchObject({ kind: 'refused' });
    });

    it('makes more rooms than the limits let, once they are lifted', async () => {
      const { homeserver } = shared.server;
      const made = new Set<RoomId>();
      for (let count = 0; count < 12; count += 1) made.add(await homeserver.createRoom(newRoom()));
      expect(made.size).toBe(12);
    });
  });

  describe('children', () => {
    it('are the rooms that a space names with a server, in the order that it gives', async () => {
      const { homeserver } = shared.server;
      const owner = await person('owner');
      const space = await owner.createRoom({ isSpace: true });
      expect(await homeserver.children(space)).toEqual([]);
      const via = [shared.server.serverName];
      const child = (id: string, content: object) => owner.setState(space, 'm.space.child', id, content);
      await child('!d:usher.test', { via });
      await child('!c:usher.test', { via, order: 'b' });
      await child('!b:usher.test', { via, order: 'a', suggested: true });
      await child('!a', { via, order: 7 });
      await child('!e:usher.test', { via, order: 'b' });
      await child('!empty:usher.test', { via: [] });
      await child('!none:usher.test', {});
      await child('!text:usher.test', { via: 'usher.test' });
      await child('nonsense', { via });
      const children = ['!b:usher.test', '!c:usher.test', '!e:usher.test', '!a', '!d:usher.test'];
      expect(await homeserver.children(space)).toEqual(children);
      await homeserver.takeRoom(space);
      expect(await homeserver.children(space)).toEqual(children);
    });

    it('are gone when they are taken out, also where the bot has been', async () => {
      const { homeserver, bot } = shared.server;
      const owner = await person('owner');
      const [space, room] = [await owner.createRoom({ isSpace: true }), await owner.createRoom()];
      await homeserver.takeRoom(space);
      await owner.setChild(space, room, true);
      expect(await homeserver.children(space)).toEqual([room]);
      await owner.kick(space, bot);
      await owner.setChild(space, room, false);
      expect(await homeserver.children(space)).toEqual([]);
    });

    it('come along when the space is upgraded', async () => {
      const { homeserver } = shared.server;
      const owner = await person('owner');
      const space = await owner.createRoom({ isSpace: true, version: '11' });
      const [kept, dropped] = [await owner.createRoom(), await owner.createRoom()];
      for (const room of [kept, dropped]) await owner.setChild(space, room, true);
      await owner.setChild(space, dropped, false);
      const next = await owner.upgradeRoom(space, '12');
      expect(await homeserver.children(next)).toEqual([kept]);
    });

    it('of no room are not found, and of one that everybody has left refused, rather than none', async () => {
      const { homeserver } = shared.server;
      const owner = await person('owner');
      const space = await owner.createRoom({ isSpace: true });
      await owner.leave(space);
      await expect(homeserver.children(space)).rejects.toMatchObject({ kind: 'refused' });
      const nowhere = unknownRoom(shared.server.serverName);
      await expect(homeserver.children(nowhere)).rejects.toMatchObject({ kind: 'not-found' });
    });
  });

  describe('addChild', () => {
    it('makes a room one of a space, and says so in both', async () => {
      const { homeserver, serverName } = shared.server;
      const space = await homeserver.createRoom(newRoom({ isSpace: true }));
      const room = await homeserver.createRoom(newRoom());
      await homeserver.addChild(space, room);
      expect(await homeserver.children(space)).toEqual([room]);
      const via = [serverName];
      expect(await stated(space, 'm.space.child', room)).toEqual({ via });
      expect(await stated(room, 'm.space.parent', space)).toEqual({ via, canonical: true });
    });

    it('writes only what is missing, and needs no power where nothing is', async () => {
      const { homeserver, bot } = shared.server;
      const owner = await person('owner');
      const [space, room] = [await owner.createRoom({ isSpace: true }), await owner.createRoom()];
      const child = { via: ['elsewhere.invalid'], order: 'a' };
      await owner.setState(space, 'm.space.child', room, child);
      await homeserver.takeRoom(room);
      await homeserver.addChild(space, room);
      expect(await stated(space, 'm.space.child', room)).toEqual(child);
      expect(await stated(room, 'm.space.parent', space)).toMatchObject({ canonical: true });
      await owner.kick(room, bot);
      await homeserver.addChild(space, room);
      await owner.setChild(space, room, false);
      await homeserver.takeRoom(space);
      await homeserver.addChild(space, room);
      expect(await homeserver.children(space)).toEqual([room]);
    });

    it('is refused where the bot is not, may not, or where there is no room', async () => {
      const { homeserver, bot } = shared.server;
      const owner = await person('owner');
      const [space, room] = [await owner.createRoom({ isSpace: true }), await owner.createRoom()];
      const refused = { kind: 'refused', errcode: 'M_FORBIDDEN' };
      await expect(homeserver.addChild(space, room)).rejects.toMatchObject(refused);
      for (const taken of [space, room]) await homeserver.takeRoom(taken);
      await owner.setPower(space, bot, 49);
      await expect(homeserver.addChild(space, room)).rejects.toMatchObject(refused);
      expect(await homeserver.children(space)).toEqual([]);
      const nowhere = unknownRoom(shared.server.serverName);
      await expect(homeserver.addChild(nowhere, room)).rejects.toMatchObject(refused);
    });
  });
}
