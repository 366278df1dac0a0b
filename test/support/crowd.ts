import type { Attributes, ResourceId } from '../../src/directory/resource.ts';
import { type RoomId, type UserId, userId } from '../../src/matrix/ids.ts';
import type { Store } from '../../src/store/store.ts';
import { decideNow } from './decide.ts';
import { scene } from './scene.ts';
import type { Env } from './usher.ts';

/** The account of somebody by her name. */
export const at = (name: string): UserId => userId(name, 'usher.test');

type Target = RoomId | object;

/** A room with so many people in it who have it by the group `eng`; `target` says how the map gives it. */
export async function crowd(count: number, env: Env = {}, target: (room: RoomId) => Target = (room) => room) {
  const stage = await scene({ env });
  const room = await stage.owner.createRoom();
  const names = Array.from({ length: count }, (_, index) => `p${index}`);
  const ids: ResourceId[] = [];
  for (const name of names) ids.push((await stage.user({ userName: name, externalId: name })).id);
  const group = await stage.group('eng', ...ids);
  const other = await stage.group('other');
  const map = {
    eng: target(room),
    other: await stage.owner.createRoom(),
    third: await stage.owner.createRoom(),
  };
  await stage.run(map);
  const idOf = (number: number): ResourceId => {
    const id = ids[number];
    if (id === undefined) throw new RangeError(`there is no p${number}`);
    return id;
  };
  return {
    ...stage,
    room,
    ids,
    names,
    idOf,
    group: group.id,
    makeGroup: stage.group,
    other: other.id,
    map,
    async inRoom(roomId: RoomId = room): Promise<number> {
      const members = (await stage.homeserver.joinedMembers(roomId)) ?? new Set();
      return [...members].filter((member) => member !== stage.owner.userId && member !== stage.bot).length;
    },
    /** The provider says something else of her. */
    edit: (number: number, more: Attributes) =>
      stage.change(idOf(number), { userName: `p${number}`, externalId: `p${number}`, ...more }),
    /** People of this homeserver whom no group lets in. */
    async strangers(...who: readonly string[]) {
      const people = [];
      for (const name of who) {
        const person = await stage.person(name);
        await stage.owner.invite(room, person.userId);
        await person.join(room);
        people.push(person);
      }
      return people;
    },
    powerOf: async (name: string, roomId: RoomId = room) =>
      (await stage.homeserver.roomPower(roomId))?.powerLevels.users.get(at(name)),
  };
}

type Stage = { readonly store: Store };

/** What nobody decided about. */
export const heldIn = async ({ store }: Stage, scope: string): Promise<number> =>
  (await store.guard.held()).filter((row) => row.scope === scope && row.verdict === undefined).length;

export const scopes = async ({ store }: Stage): Promise<readonly string[]> =>
  (await store.guard.holds()).map(({ scope }) => scope);

/** What is held or was decided, in words. */
export const rows = async ({ store }: Stage): Promise<readonly string[]> =>
  (await store.guard.held()).map(({ detail }) => detail);

/** As `usher approve` and `usher reject` do. */
export const decide = async (
  { store }: Stage,
  scope: string,
  verdict: 'approved' | 'rejected' = 'approved',
): Promise<void> => {
  const affected = await decideNow(store, scope, verdict);
  await store.work.mark(
    affected.flatMap(({ people }) => people),
    'removal',
    Date.now(),
  );
};
