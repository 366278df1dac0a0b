import type { Part, PersonEntry } from '../answers.ts';
import { queryOf } from '../api.ts';
import { Badge } from '../badge.tsx';
import { Choice, SearchField } from '../filters.tsx';
import { PersonLink } from '../links.tsx';
import { Page } from '../page.tsx';
import { to } from '../places.ts';
import { type Column, PagedTable } from '../table.tsx';
import { usePaged } from '../use-data.ts';
import { useQuery } from '../use-query.ts';

/** Who was pushed, and what became of them. */
export function PeoplePage() {
  const query = useQuery();
  const search = query.get('search');
  const failing = query.get('failing');
  const paged = usePaged(`/people${queryOf({ search, failing })}`, (answer: Part<PersonEntry>) => answer);
  return (
    <Page title="People" actions={<a href={to('/conflicts')}>Conflicts</a>}>
      <div class="filters">
        <SearchField query={query} name="search" label="Search" help="Beginning of a name, e-mail or id" />
        <Choice
          query={query}
          name="failing"
          label="Show"
          options={[
            ['', 'everybody'],
            ['yes', 'not as they should be'],
          ]}
        />
      </div>
      <PagedTable
        caption="People"
        columns={COLUMNS}
        keyOf={({ scimId }) => scimId}
        paged={paged}
        what="the people"
        empty={emptyText(search, failing)}
      />
    </Page>
  );
}

function emptyText(search: string, failing: string): string {
  if (search !== '') return `Nobody is called by something that begins with “${search}”.`;
  if (failing !== '') return 'Everybody who was looked at is as they should be.';
  return 'No provider has pushed anybody yet. Its SCIM base URL and a token are what it needs: docs/identity-providers.';
}

const STATES: Readonly<Record<string, 'good' | 'warn' | 'plain'>> = { active: 'good', pending: 'warn' };

const COLUMNS: readonly Column<PersonEntry>[] = [
  { head: 'Name', isName: true, cell: (person) => <PersonLink person={person} /> },
  { head: 'Matrix account', cell: ({ account }) => account ?? '–' },
  {
    head: 'State',
    cell: ({ state, isActive, lastError }) => (
      <>
        <Badge kind={STATES[state] ?? 'plain'}>{state === 'none' ? 'no account' : state}</Badge>{' '}
        {!isActive && <Badge kind="plain">inactive at the provider</Badge>}
        {lastError !== undefined && <small class="under wrong">{lastError}</small>}
      </>
    ),
  },
  { head: 'Groups', isNumber: true, cell: ({ groups }) => groups },
  { head: 'Rooms', isNumber: true, cell: ({ rooms }) => rooms },
];
