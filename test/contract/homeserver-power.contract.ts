import { describe, expect, it } from 'vitest';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { type Shared, unknownRoom } from './homeserver-shared.ts';

export function describePower(shared: Shared): void {
  const person = (name: string) => shared.server.person(shared.fresh(name));

  /** A room of somebody else's that the bot has taken, and two members. */
  async function takenRoom(version = '12') {
    const [owner, ann, bob] = [await person('owner'), await person('ann'), await person('bob')];
    const room = await owner.createRoom({ joinRule: 'public', version });
    for (const { join } of [ann, bob]) await join(room);
    await shared.server.homeserver.takeRoom(room);
    return { homeserver: shared.server.homeserver, bot: shared.server.bot, owner, ann, bob, room };
  }

  const usersOf = async (room: RoomId) =>
    (await shared.server.homeserver.roomPower(room))?.powerLevels.users ?? new Map<UserId, number>();

  /** Who set the levels last. */
  async function setBy(room: RoomId): Promise<unknown> {
    const id = encodeURIComponent(room);
    const path = `/_synapse/admin/v1/rooms/${id}/state?type=m.room.power_levels`;
    const { body } = await shared.server.request('GET', path);
    return Array.isArray(body.state) ? body.state[0]?.sender : undefined;
  }

  describe('roomPower', () => {
    it.each(['11', '12'])(
      'reads of a room of version %s what the whole room says, in it and outside of it',
      async (version) => {
        const { homeserver } = shared.server;
        const [owner, ann] = [await person('owner'), await person('ann')];
        const room = await owner.createRoom({ version });
        await owner.setPower(room, ann.userId, 42);
        const told = async () => {
          const { roomId, creators, powerLevels } = (await homeserver.room(room)) ?? {};
          return { roomId, version, creators, powerLevels };
        };
        const outside = await homeserver.roomPower(room);
        expect(outside).toEqual(await told());
        expect(outside?.powerLevels.users.get(ann.userId)).toBe(42);
        expect(outside?.creators).toEqual(new Set(version === '12' ? [owner.userId] : []));
        await homeserver.takeRoom(room);
        expect(await homeserver.roomPower(room)).toEqual(await told());
      },
    );

    it('says what it takes to change the levels: their own, else that of all state, else 50', async () => {
      const { homeserver } = shared.server;
      const owner = await person('owner');
      const room = await owner.createRoom({ version: '12' });
      const change = async () => (await homeserver.roomPower(room))?.powerLevels.change;
      expect(await change()).toBe(100);
      await owner.setPowerLevels(room, { state_default: 30 });
      expect(await change()).toBe(30);
      await owner.setPowerLevels(room, { state_default: 30, events: { 'm.room.power_levels': 60 } });
      expect(await change()).toBe(60);
      await owner.setPowerLevels(room, {});
      expect(await change()).toBe(50);
    });

    it('shows the levels of now, also where the bot has been and is not any more', async () => {
      const { homeserver, bot, owner, ann, room } = await takenRoom();
      await owner.kick(room, bot);
      await owner.setPower(room, ann.userId, 7);
      expect((await usersOf(room)).get(ann.userId)).toBe(7);
      expect(await homeserver.member(room, bot)).toMatchObject({ membership: 'leave' });
    });

    it('knows no room that does not exist, and refuses one that everybody has left', async () => {
      const { homeserver } = shared.server;
      expect(await homeserver.roomPower(unknownRoom(shared.server.serverName))).toBeUndefined();
      const owner = await person('owner');
      const room = await owner.createRoom();
      await owner.leave(room);
      await expect(homeserver.roomPower(room)).rejects.toMatchObject({ kind: 'refused' });
    });
  });

  describe('setPowerLevels', () => {
    it.each(['9', '11', '12'])(
      'sets and takes away levels in a room of version %s, and leaves all else as it is',
      async (version) => {
        const { homeserver, bot, owner, ann, bob, room } = await takenRoom(version);
        const content = {
          users: { ...(version === '12' ? {} : { [owner.userId]: 100 }), [bot]: 100, [bob.userId]: 10 },
          users_default: 1,
          kick: 60,
          events: { 'm.room.name': 70 },
          notifications: { room: 20 },
          'org.example.other': { what: ['ever'], text: '5' },
        };
        await owner.setPowerLevels(room, content);
        await homeserver.setPowerLevels(
          room,
          new Map([
            [ann.userId, 50],
            [bob.userId, undefined],
          ]),
        );
        const { [bob.userId]: _, ...users } = { ...content.users, [ann.userId]: 50 };
        expect(await setBy(room)).toBe(bot);
        const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/m.room.power_levels/`;
        expect((await shared.server.request('GET', path)).body).toEqual({ ...content, users });
      },
    );

    it('writes nothing if all is so already, even where the bot could not', async () => {
      const { homeserver, bot, owner, ann, bob, room } = await takenRoom();
      await owner.setPowerLevels(room, { users: { [bot]: 10, [ann.userId]: 50 } });
      const levels = new Map([
        [ann.userId, 50],
        [bob.userId, undefined],
      ]);
      await homeserver.setPowerLevels(room, levels);
      expect(await setBy(room)).toBe(owner.userId);
      await expect(homeserver.setPowerLevels(room, new Map([[bob.userId, 1]]))).rejects.toMatchObject({
        kind: 'refused',
      });
    });

    it('is refused above the bot’s own level, and for who is as high or higher', async () => {
      const { homeserver, bot, request } = shared.server;
      const [owner, ann, bob] = [await person('owner'), await person('ann'), await person('bob')];
      const room = await owner.createRoom({ joinRule: 'public', version: '11' });
      await request('POST', `/_matrix/client/v3/join/${encodeURIComponent(room)}`, {});
      const users = { [owner.userId]: 100, [bot]: 50, [ann.userId]: 50, [bob.userId]: 60 };
      await owner.setPowerLevels(room, { users });
      const refused = async (user: UserId, level: number | undefined) => {
        const setting = homeserver.setPowerLevels(room, new Map([[user, level]]));
        await expect(setting).rejects.toMatchObject({ kind: 'refused', errcode: 'M_FORBIDDEN' });
      };
      const nobody = (await person('nobody')).userId;
      await refused(nobody, 51);
      await refused(ann.userId, 0);
      await refused(ann.userId, undefined);
      await refused(bob.userId, 50);
      await refused(owner.userId, 0);
      expect(await usersOf(room)).toEqual(new Map(Object.entries(users)));
      await homeserver.setPowerLevels(room, new Map([[nobody, 50]]));
      expect((await usersOf(room)).get(nobody)).toBe(50);
    });

    it('lets the bot take its own level away, and it comes back by takeRoom', async () => {
      const { homeserver, bot, room } = await takenRoom();
      await homeserver.setPowerLevels(room, new Map([[bot, undefined]]));
      expect((await usersOf(room)).has(bot)).toBe(false);
      await homeserver.takeRoom(room);
      expect((await usersOf(room)).get(bot)).toBe(100);
    });

    it('is refused for the creator of a version 12 room, who has no level to take away either', async () => {
      const { homeserver, owner, room } = await takenRoom('12');
      const giving = homeserver.setPowerLevels(room, new Map([[owner.userId, 100]]));
      await expect(giving).rejects.toMatchObject({ kind: 'refused' });
      await homeserver.setPowerLevels(room, new Map([[owner.userId, undefined]]));
      expect((await homeserver.roomPower(room))?.creators).toEqual(new Set([owner.userId]));
    });

    it('is refused where the bot is not, has been, or where there is no room', async () => {
      const { homeserver, bot, owner, ann, room } = await takenRoom();
      const refused = { kind: 'refused' };
      const level = new Map([[ann.userId, 5]]);
      await homeserver.setPowerLevels(room, level);
      await owner.kick(room, bot);
      await expect(homeserver.setPowerLevels(room, level)).rejects.toMatchObject(refused);
      const strange = await owner.createRoom();
      await expect(homeserver.setPowerLevels(strange, level)).rejects.toMatchObject(refused);
      const nowhere = unknownRoom(shared.server.serverName);
      await expect(homeserver.setPowerLevels(nowhere, level)).rejects.toMatchObject(refused);
    });
  });
}
