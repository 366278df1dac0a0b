import { groupNamesOf } from '../../directory/group.ts';
import type { ResourceId, SourceId } from '../../directory/resource.ts';
import { harmlessJson } from '../../plan/legible.ts';
import { EXIT, type Terminal } from '../terminal.ts';
import { atDesk, type Desk, show } from './desk.ts';
import { readMapRooms } from './map-rooms.ts';
import { count, tableWithHead } from './text.ts';

/** A group that a provider pushed. */
type GroupFacts = {
  readonly id: ResourceId;
  readonly name: string;
  readonly externalId: string | undefined;
  readonly source: SourceId;
  /** Members as they were pushed: users, groups, and what is not known yet. */
  readonly members: number;
  /** Active users in it, or in groups inside it. */
  readonly people: number;
  readonly rooms: readonly string[];
  /** To be pasted into the map. */
  readonly mapLine: string;
};

/** Lists what was pushed, and what the map makes of it. */
export async function groupsCommand(
  terminal: Terminal,
  options: { readonly json: boolean; readonly unmapped: boolean },
): Promise<number> {
  return atDesk(terminal, async (desk) => {
    const all = await readGroups(desk);
    const groups = options.unmapped ? all.filter(({ rooms }) => rooms.length === 0) : all;
    show(terminal, options.json, groups, () => render(groups, options.unmapped));
    return EXIT.ok;
  });
}

async function readGroups({ store, map, config }: Desk): Promise<readonly GroupFacts[]> {
  const rooms = await readMapRooms(store, map);
  const targets = new Map<ResourceId, Set<string>>();
  for (const { target, doors } of rooms) {
    for (const group of doors.flatMap(({ groups }) => groups)) {
      targets.set(group, (targets.get(group) ?? new Set()).add(target));
    }
  }
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

function render(groups: readonly GroupFacts[], isUnmappedOnly: boolean): string {
  if (groups.length === 0) {
    return isUnmappedOnly
      ? 'Every group is in the map.'
      : 'No group is there: the provider pushed none, or deleted them.';
  }
  const unmapped = groups.filter(({ rooms }) => rooms.length === 0);
  const rows = groups.map(({ name, externalId, source, members, people, rooms }) => [
    name,
    externalId ?? '–',
    source,
    String(members),
    String(people),
    rooms.join(', ') || '–',
  ]);
  const lines = tableWithHead(['NAME', 'EXTERNAL ID', 'SOURCE', 'MEMBERS', 'PEOPLE', 'ROOMS'], rows);
  if (unmapped.length === 0) return lines.join('\n');
  return [
    ...(isUnmappedOnly ? [] : [...lines, '']),
    `${count(unmapped.length, 'group opens', 'groups open')} no room. To change that, paste into the group map:`,
    '',
    ...unmapped.map(({ mapLine }) => `  ${mapLine}`),
  ].join('\n');
}
