import { useRoute } from 'preact-iso';
import type { GroupDetail, GroupMember } from '../answers.ts';
import { Badge } from '../badge.tsx';
import { Facts } from '../facts.tsx';
import { RoomLink, termsText } from '../links.tsx';
import { mapWithGroup } from '../map-text.ts';
import { Page } from '../page.tsx';
import { to } from '../places.ts';
import { Show } from '../states.tsx';
import { type Column, PagedTable, Table } from '../table.tsx';
import { usePaged } from '../use-data.ts';
import { When } from '../when.tsx';

/** A group: the rooms that it opens, and who is in it. */
export function GroupPage() {
  const id = useRoute().params.id ?? '';
  const members = usePaged(`/groups/${encodeURIComponent(id)}`, ({ page }: GroupDetail) => page);
  const { first, reload } = members;
  return (
    <Page title={first.kind === 'ready' ? first.value.name : 'Group'}>
      <Show data={first} what="the group" reload={reload}>
        {(group) => (
          <>
            <Facts
              facts={[
                ['External id', group.externalId],
                ['Source', group.source],
                ['Members', group.members],
                ['Members are', group.makesAdmins ? 'server admins' : undefined],
                ['Last change', <When key="at" at={group.lastModified} />],
                ['SCIM id', group.id],
              ]}
            />
            <h2>Rooms that it opens</h2>
            {group.rooms.length === 0 ? (
              <Unmapped group={group} />
            ) : (
              <Table
                caption="Rooms that it opens"
                columns={ROOMS}
                rows={group.rooms}
                keyOf={({ target, key, space = '' }) => `${target} ${key} ${space}`}
              />
            )}
            <h2>Members</h2>
            <PagedTable
              caption="Members"
              columns={MEMBERS}
              keyOf={(member) => member.id}
              paged={members}
              what="the members"
              empty="Nobody is in it. The provider pushes the members along with the group."
            />
          </>
        )}
      </Show>
    </Page>
  );
}

function Unmapped({ group }: { readonly group: GroupDetail }) {
  return (
    <p>
      None. <a href={mapWithGroup(group)}>Put it into the group map</a>: the entry is made for you, the room
      is yours to write.
    </p>
  );
}

const ROOMS: readonly Column<GroupDetail['rooms'][number]>[] = [
  { head: 'Room', isName: true, cell: ({ target }) => <RoomLink target={target} /> },
  { head: 'Entry in the map', cell: ({ key }) => <code>{key}</code> },
  {
    head: 'Terms',
    cell: (room) => `${termsText(room)}${room.space === undefined ? '' : `, along with ${room.space}`}`,
  },
];

const MEMBERS: readonly Column<GroupMember>[] = [
  {
    head: 'Name',
    isName: true,
    cell: ({ id, type, name, displayName }) => {
      const text = displayName ?? name ?? id;
      if (type === 'unknown') return text;
      return <a href={to(type === 'User' ? '/people' : '/groups', id)}>{text}</a>;
    },
  },
  {
    head: 'Is',
    cell: ({ type, isActive }) => {
      if (type === 'Group') return 'a group';
      if (type === 'unknown') return 'not pushed yet';
      return isActive ? 'a person' : <Badge kind="plain">inactive</Badge>;
    },
  },
  { head: 'Matrix account', cell: ({ account }) => account ?? '–' },
];
