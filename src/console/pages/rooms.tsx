import type { Part, RoomEntry } from '../answers.ts';
import { queryOf } from '../api.ts';
import { Badge } from '../badge.tsx';
import { SearchField } from '../filters.tsx';
import { RoomLink, termsText } from '../links.tsx';
import { Page } from '../page.tsx';
import { type Column, PagedTable } from '../table.tsx';
import { usePaged } from '../use-data.ts';
import { useQuery } from '../use-query.ts';

/** The rooms of the group map. */
export function RoomsPage() {
  const query = useQuery();
  const search = query.get('search');
  const paged = usePaged(`/rooms${queryOf({ search })}`, (answer: Part<RoomEntry>) => answer);
  return (
    <Page title="Rooms">
      <div class="filters">
        <SearchField query={query} name="search" label="Search" help="A part of the alias or id" />
      </div>
      <PagedTable
        caption="Rooms"
        columns={COLUMNS}
        keyOf={({ target }) => target}
        paged={paged}
        what="the rooms"
        empty={
          search === ''
            ? 'The group map names no room yet: docs/group-map.md.'
            : `No room of the group map has “${search}” in its name.`
        }
      />
    </Page>
  );
}

const COLUMNS: readonly Column<RoomEntry>[] = [
  { head: 'Room', isName: true, cell: ({ target }) => <RoomLink target={target} /> },
  { head: 'Opened by', cell: ({ groups }) => openedBy(groups) },
  { head: 'Let in', isNumber: true, cell: ({ joined }) => joined },
  { head: 'Terms', cell: (room) => termsText(room) },
  {
    head: 'Last look',
    cell: ({ problems, roomId }) => {
      if (problems.length > 0) {
        return (
          <>
            <Badge kind="bad">has a problem</Badge>
            <small class="under">{problems.join(' ')}</small>
          </>
        );
      }
      return roomId === undefined ? (
        <Badge kind="warn">not found yet</Badge>
      ) : (
        <Badge kind="good">well</Badge>
      );
    },
  },
];

export function openedBy(groups: RoomEntry['groups']): string {
  return groups
    .map(({ key, name }) => (key === '*' ? 'everybody' : (name ?? `${key} (nobody pushed it)`)))
    .join(', ');
}
