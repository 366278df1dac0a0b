import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { RoomAlias, RoomId } from '../../src/matrix/ids.ts';
import type { Creation, RoomTarget } from '../../src/plan/group-map.ts';
import { createRoomBuilder } from '../../src/reconcile/room-builder.ts';
import { ALIAS, BOT, NOW, OWNER, roomStage } from './room-stage.ts';

export const [NEW, SPACE] = ['#new:x', '#space:x'] as [RoomAlias, RoomAlias];

export const target = (room: RoomAlias | RoomId, create?: Partial<Creation>): RoomTarget => ({
  ...{ room, mode: 'granted', leave: 'allowed', powerLevel: undefined, children: 'none', limit: undefined },
  ...{ words: undefined, place: { line: 1, column: 1 } },
  create: create && {
    ...{ name: undefined, topic: undefined, isSpace: false, isPrivate: true, isEncrypted: false },
    ...{ parent: undefined, ...create },
  },
});

/** A space of somebody else, and what of the map is known. */
export async function site() {
  const stage = await roomStage();
  const { store, world, homeserver } = stage;
  const space = world.createRoom(OWNER, { alias: SPACE, isSpace: true });
  return {
    ...{ ...stage, space },
    async build(
      targets: readonly RoomTarget[],
      { missing = [], faults = {} }: { missing?: readonly RoomTarget[]; faults?: Partial<Homeserver> } = {},
    ) {
      const resolved = new Map<string, RoomId>();
      for (const name of [NEW, SPACE, ALIAS, ...targets.map(({ room }) => room as RoomAlias)]) {
        const roomId = name.startsWith('#') ? world.rooms.resolve(name) : undefined;
        if (roomId !== undefined) resolved.set(name, roomId);
      }
      const faulty = { ...homeserver, ...faults };
      const build = createRoomBuilder({ store, homeserver: faulty, bot: BOT, now: () => NOW });
      const group = { kind: 'everybody' } as const;
      const rules = targets.map((each) => ({ group, targets: [each], admin: undefined }));
      const found = { resolved, missing, children: new Map(), problems: [], warnings: [] };
      return build({ rules }, found);
    },
    created: async () => [...(await store.rooms.created())],
    /** A room that the bot made, with its alias. */
    own: async (alias: RoomAlias, version?: string) => {
      const roomId = world.createRoom(BOT, { alias, version });
      await store.rooms.saveCreated(alias, roomId, 0);
      return roomId;
    },
    lines: async () => (await stage.journal()).map(({ detail }) => detail),
    inside: (roomId: RoomId = space) => homeserver.children(roomId),
  };
}

/** Nothing was made, and nothing was in the way. */
export const NOTHING = { made: [], problems: [] };
