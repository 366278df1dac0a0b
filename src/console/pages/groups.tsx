import type { GroupEntry, Part } from '../answers.ts';
import { queryOf } from '../api.ts';
import { Badge } from '../badge.tsx';
import { Choice, SearchField } from '../filters.tsx';
import { RoomLinks } from '../links.tsx';
import { mapWithGroup } from '../map-text.ts';
import { Page } from '../page.tsx';
import { to } from '../places.ts';
import { type Column, PagedTable } from '../table.tsx';
import { usePaged } from '../use-data.ts';
import { useQuery } from '../use-query.ts';

/** What providers pushed, and which of it opens rooms. */
export function GroupsPage() {
  const query = useQuery();
  const search = query.get('search');
  const mapped = query.get('mapped');
  const paged = usePaged(`/groups${queryOf({ search, mapped })}`, (answer: Part<GroupEntry>) => answer);
  return (
    <Page title="Groups">
      <div class="filters">
        <SearchField query={query} name="search" label="Search" help="A part of the name or external id" />
        <Choice
          query={query}
          name="mapped"
          label="Show"
          options={[
            ['', 'all'],
            ['yes', 'those that open rooms'],
            ['no', 'those that open none'],
          ]}
        />
      </div>
      <PagedTable
        caption="Groups"
        columns={COLUMNS}
        keyOf={({ id }) => id}
        paged={paged}
        what="the groups"
        empty={
          search === '' && mapped === ''
            ? 'No provider has pushed a group yet. Look at what it is set to push: docs/identity-providers.'
            : 'No group is like that.'
        }
      />
    </Page>
  );
}

const COLUMNS: readonly Column<GroupEntry>[] = [
  {
    head: 'Name',
    isName: true,
    cell: ({ id, name, externalId }) => (
      <>
        <a href={to('/groups', id)}>{name}</a>
        {externalId !== undefined && <small class="under">{externalId}</small>}
      </>
    ),
  },
  { head: 'Source', cell: ({ source }) => source },
  { head: 'Members', isNumber: true, cell: ({ members }) => members },
  {
    head: 'Opens',
    cell: (group) => (
      <>
        {group.makesAdmins && <Badge kind="warn">makes server admins</Badge>} <Opened group={group} />
      </>
    ),
  },
];

function Opened({ group }: { readonly group: GroupEntry }) {
  if (group.rooms.length > 0) return <RoomLinks targets={group.rooms} />;
  if (group.makesAdmins) return null;
  return (
    <>
      <Badge kind="warn">nothing</Badge> <a href={mapWithGroup(group)}>Put it into the map</a>
    </>
  );
}
