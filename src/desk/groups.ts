import { groupNamesOf } from '../directory/group.ts';
import type { ResourceId, SourceId } from '../directory/resource.ts';
import { harmlessJson } from '../plan/legible.ts';
import { adminGroupsOf } from '../plan/openings.ts';
import type { Desk } from './desk.ts';
import { readMapRooms } from './map-rooms.ts';
import { count } from './words.ts';

/** A group that a provider pushed. */
export type GroupFacts = {
  readonly id: ResourceId;
  readonly name: string;
  readonly externalId: string | undefined;
  readonly source: SourceId;
  /** Members as they were pushed: users, groups, and what is not known yet. */
  readonly members: number;
  /** Active users in it, or in groups inside it. */
  readonly people: number;
  readonly rooms: readonly string[];
  /** Whether its members are server admins. */
  readonly makesAdmins: boolean;
  /** To be pasted into the map. */
  readonly mapLine: string;
};

/** Every group, with what the map makes of it: counts all members of all. */
export async function readGroups({ store, map, config }: Desk): Promise<readonly GroupFacts[]> {
  const rooms = await readMapRooms(store, map);
  const targets = new Map<ResourceId, Set<string>>();
  for (const { target, doors } of rooms) {
    for (const group of doors.flatMap(({ groups }) => groups)) {
      targets.set(group, (targets.get(group) ?? new Set()).add(target));
    }
  }
  const admins = adminGroupsOf(map, await store.groups.names());
  const found: GroupFacts[] = [];
  for (const { source } of await store.overview.sources()) {
    const order = { by: 'name', isDescending: false } as const;
    for await (const some of store.groups.scan(source, { where: {}, order })) {
      for (const { id, attributes } of some) {
        const { externalId, displayName: name } = groupNamesOf(attributes);
        let members = 0;
        for await (const piece of store.groups.members(id)) members += piece.length;
        const people = (await store.people.membersOf([id])).size;
        const room = `#room:${config.matrix.serverName}`;
        const key = harmlessJson(externalId ?? `name:${name}`);
        const mapLine = `${key}: [ ${JSON.stringify(room)} ],  // ${commentOf(name)}, ${count(people, 'person', 'people')}`;
        found.push({
          id,
          name,
          externalId,
          source,
          members,
          people,
          rooms: [...(targets.get(id) ?? [])],
          makesAdmins: admins.has(id),
          mapLine,
        });
      }
    }
  }
  return found;
}

/** A comment ends with its line. */
function commentOf(name: string): string {
  return name.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
