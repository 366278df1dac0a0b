import { useRoute } from 'preact-iso';
import type { Entitled, Occupant, Part, RoomDetail } from '../answers.ts';
import { Badge } from '../badge.tsx';
import { Facts } from '../facts.tsx';
import { PersonLink, termsText } from '../links.tsx';
import { Page } from '../page.tsx';
import { to, toExplanation } from '../places.ts';
import { Show } from '../states.tsx';
import { type Column, PagedTable } from '../table.tsx';
import { useData, usePaged } from '../use-data.ts';
import { RoomNow } from './room-now.tsx';
import { openedBy } from './rooms.tsx';

/** A room: who is to be in it, who is, and what is wrong with it. */
export function RoomPage() {
  const name = useRoute().params.room ?? '';
  const path = `/rooms/${encodeURIComponent(name)}`;
  const { data, reload } = useData<RoomDetail>(path);
  const entitled = usePaged(`${path}/people`, (answer: Part<Entitled>) => answer);
  const occupants = usePaged(`${path}/members`, (answer: Part<Occupant>) => answer);
  return (
    <Page title={name}>
      <Show data={data} what="the room" reload={reload}>
        {(room) => (
          <>
            <RoomNow now={room.now} />
            <Facts
              facts={[
                ['Opened by', openedBy(room.groups) || 'nothing: it is not in the group map'],
                ['Terms', termsText(room)],
                ['Along with', room.spaces.length === 0 ? undefined : room.spaces.join(', ')],
                ['Room id', room.roomId ?? 'no full pass has found it yet'],
              ]}
            />
            <h2>Who is to be in it</h2>
            <PagedTable
              caption="Who is to be in it"
              columns={entitledColumns(name)}
              keyOf={({ scimId }) => scimId}
              paged={entitled}
              what="who is to be in it"
              empty="Nobody: no active person is in a group that opens it."
            />
            <h2>Who is in it</h2>
            <PagedTable
              caption="Who is in it"
              columns={OCCUPANTS}
              keyOf={({ account }) => account}
              paged={occupants}
              what="who is in it"
              empty="Nobody."
            />
          </>
        )}
      </Show>
    </Page>
  );
}

/** What a membership is called, and whether it is as it is to be. */
const MEMBERSHIPS: Readonly<Record<string, readonly ['good' | 'warn' | 'bad', string]>> = {
  join: ['good', 'in'],
  invite: ['warn', 'invited'],
  knock: ['warn', 'knocks'],
  leave: ['warn', 'out'],
  ban: ['bad', 'banned'],
  none: ['warn', 'not in'],
};

function entitledColumns(room: string): readonly Column<Entitled>[] {
  return [
    { head: 'Name', isName: true, cell: (person) => <PersonLink person={person} /> },
    {
      head: 'Through',
      cell: ({ through }) => through.map((each) => (each === '*' ? 'everybody' : each)).join(', '),
    },
    {
      head: 'Now',
      cell: ({ membership }) => {
        const [kind, text] = MEMBERSHIPS[membership ?? ''] ?? ['plain', 'not known'];
        return <Badge kind={kind}>{text}</Badge>;
      },
    },
    {
      head: 'Why',
      cell: ({ scimId, displayName, userName }) => (
        <a href={toExplanation(scimId, room)} aria-label={`Why ${displayName ?? userName ?? scimId}?`}>
          why?
        </a>
      ),
    },
  ];
}

const OCCUPANTS: readonly Column<Occupant>[] = [
  {
    head: 'Account',
    isName: true,
    cell: ({ account, scimId, userName, displayName }) => (
      <>
        {scimId === undefined ? (
          account
        ) : (
          <a href={to('/people', scimId)}>{displayName ?? userName ?? account}</a>
        )}
        {scimId !== undefined && <small class="under">{account}</small>}
      </>
    ),
  },
  {
    head: 'Is to be in',
    cell: ({ isEntitled, isBot, isRemote }) => {
      if (isBot) return <Badge kind="plain">the bot</Badge>;
      if (isEntitled) return <Badge kind="good">yes</Badge>;
      return <Badge kind="plain">{isRemote ? 'of another homeserver' : 'by no group'}</Badge>;
    },
  },
  { head: 'Power', isNumber: true, cell: ({ power }) => power },
];
