import { type GroupFacts, readGroups } from '../../desk/groups.ts';
import { count } from '../../desk/words.ts';
import { EXIT, type Terminal } from '../terminal.ts';
import { atDesk, show } from './desk.ts';
import { tableWithHead } from './text.ts';

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

function render(groups: readonly GroupFacts[], isUnmappedOnly: boolean): string {
  if (groups.length === 0) {
    return isUnmappedOnly
      ? 'Every group is in the map.'
      : 'No group is there: the provider pushed none, or deleted them.';
  }
  const unmapped = groups.filter(({ rooms }) => rooms.length === 0);
  const rows = groups.map(({ name, externalId, source, members, people, rooms, makesAdmins }) => [
    name,
    externalId ?? '–',
    source,
    String(members),
    String(people),
    [...(makesAdmins ? ['server admin'] : []), ...rooms].join(', ') || '–',
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
