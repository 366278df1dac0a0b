import { Download } from 'lucide-preact';
import { useState } from 'preact/hooks';
import type { JournalEntry, Part } from '../answers.ts';
import { queryOf } from '../api.ts';
import { Badge } from '../badge.tsx';
import { Choice, SearchField } from '../filters.tsx';
import { COLUMNS, keyOf } from '../journal-table.tsx';
import { Page } from '../page.tsx';
import { API } from '../places.ts';
import { PagedTable } from '../table.tsx';
import { type Paged, usePaged } from '../use-data.ts';
import { useLive } from '../use-live.ts';
import { useQuery } from '../use-query.ts';

/** What was done and found, and why; as it happens. */
export function JournalPage() {
  const query = useQuery();
  const [account, room, action] = [query.get('account'), query.get('room'), query.get('action')];
  const filter = queryOf({ account, room, action });
  const [isLive, setLive] = useState(true);
  const live = useLive(isLive && filter === '');
  const paged = usePaged(`/journal${filter}`, (answer: Part<JournalEntry>) => answer);
  return (
    <Page
      title="Journal"
      actions={
        <a href={`${API}/journal/export${filter}`} download="usher-journal.ndjson">
          <Download aria-hidden="true" /> Export
        </a>
      }
    >
      <div class="filters">
        <SearchField query={query} name="account" label="Account" help="Matrix id or user name" />
        <SearchField query={query} name="room" label="Room" help="#room:example.com" />
        <Choice query={query} name="action" label="Action" options={ACTIONS} />
      </div>
      <label>
        <input
          type="checkbox"
          checked={isLive}
          disabled={filter !== ''}
          onChange={(event) => setLive(event.currentTarget.checked)}
        />
        Show what happens as it happens <LiveBadge state={live.state} isFiltered={filter !== ''} />
      </label>
      <PagedTable
        caption="Journal"
        columns={COLUMNS}
        keyOf={keyOf}
        paged={filter === '' ? withLive(paged, live.entries) : paged}
        what="the journal"
        empty={filter === '' ? 'Nothing was done yet.' : 'Nothing of the kind was done.'}
      />
    </Page>
  );
}

/** The live entries come before the first page, without those that it has already. */
function withLive(paged: Paged<JournalEntry>, entries: readonly JournalEntry[]): Paged<JournalEntry> {
  const { data } = paged;
  if (data.kind !== 'ready') return paged;
  const known = new Set(data.value.map(keyOf));
  const value = [...entries.filter((entry) => !known.has(keyOf(entry))), ...data.value];
  return { ...paged, data: { ...data, value } };
}

function LiveBadge({ state, isFiltered }: { readonly state: string; readonly isFiltered: boolean }) {
  if (isFiltered) return <Badge kind="plain">not while something is searched for</Badge>;
  if (state === 'live') return <Badge kind="good">live</Badge>;
  return state === 'connecting' ? <Badge kind="warn">connecting</Badge> : <Badge kind="plain">off</Badge>;
}

const ACTIONS = [
  ['', 'all'],
  ['join', 'join: let into a room'],
  ['kick', 'kick: removed from a room'],
  ['create-account', 'create-account'],
  ['update-account', 'update-account'],
  ['restrict', 'restrict: locked and the like'],
  ['unrestrict', 'unrestrict'],
  ['grant-admin', 'grant-admin: made a server admin'],
  ['revoke-admin', 'revoke-admin'],
  ['left', 'left: by herself'],
  ['kicked', 'kicked: by a moderator'],
  ['banned', 'banned: by a moderator'],
  ['account-taken', 'account-taken'],
  ['account-stranded', 'account-stranded'],
  ['approve', 'approve'],
  ['reject', 'reject'],
  ['link', 'link'],
  ['unlink', 'unlink'],
  ['token', 'token'],
] as const;
