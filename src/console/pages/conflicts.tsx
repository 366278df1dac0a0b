import { useState } from 'preact/hooks';
import type { Conflict, Part } from '../answers.ts';
import { Confirm } from '../dialog.tsx';
import { PersonLink } from '../links.tsx';
import { Page } from '../page.tsx';
import { to } from '../places.ts';
import { type Column, PagedTable } from '../table.tsx';
import { useTell } from '../toasts.tsx';
import { type Paged, usePaged } from '../use-data.ts';
import { useKeeper, useMayChange } from '../use-session.ts';

/** People whose account somebody has to decide about. */
export function ConflictsPage() {
  const all = usePaged('/conflicts', (answer: Part<Conflict>) => answer);
  // Usher looks at them within seconds; until then they are on the list yet.
  const [linked, setLinked] = useState<readonly string[]>([]);
  const paged = without(all, linked);
  const mayChange = useMayChange();
  const actions: Column<Conflict> = {
    head: 'What to do',
    isActions: true,
    cell: (conflict) => (
      <LinkAction conflict={conflict} onLinked={() => setLinked([...linked, conflict.scimId])} />
    ),
  };
  return (
    <Page title="Conflicts" actions={<a href={to('/people')}>All people</a>}>
      <p>These people get nothing until somebody has decided whose account it is.</p>
      <PagedTable
        caption="Conflicts"
        columns={mayChange ? [...COLUMNS, actions] : COLUMNS}
        keyOf={({ scimId }) => scimId}
        paged={paged}
        what="the conflicts"
        empty="Nobody is in conflict."
      />
    </Page>
  );
}

function without(paged: Paged<Conflict>, linked: readonly string[]): Paged<Conflict> {
  const { data } = paged;
  if (data.kind !== 'ready') return paged;
  return { ...paged, data: { ...data, value: data.value.filter(({ scimId }) => !linked.includes(scimId)) } };
}

const COLUMNS: readonly Column<Conflict>[] = [
  { head: 'Name', isName: true, cell: (person) => <PersonLink person={person} /> },
  { head: 'What is wrong', cell: ({ message }) => message },
  {
    head: 'Ways out',
    cell: ({ waysOut }) => (
      <ul>
        {waysOut.map(({ command, text }) => (
          <li key={text}>
            {command !== undefined && <code>{command}</code>} {text}
          </li>
        ))}
      </ul>
    ),
  },
];

/** Only where linking is a way out. */
function LinkAction({ conflict, onLinked }: { readonly conflict: Conflict; readonly onLinked: () => void }) {
  const { call } = useKeeper();
  const tell = useTell();
  const [isAsked, setAsked] = useState(false);
  const { scimId, userName, displayName, account, waysOut } = conflict;
  const name = displayName ?? userName ?? scimId;
  if (account === undefined || !waysOut.some(({ command }) => command !== undefined)) return null;
  const link = async (): Promise<void> => {
    await call(`/people/${encodeURIComponent(scimId)}/link`, { method: 'POST', body: { account } });
    setAsked(false);
    tell('done', `${account} is linked to ${name}, who is looked at within seconds.`);
    onLinked();
  };
  return (
    <>
      <button
        type="button"
        class="small"
        aria-label={`It is hers: link ${account} to ${name}`}
        onClick={() => setAsked(true)}
      >
        It is hers: link
      </button>
      {isAsked && (
        <Confirm
          title={`Is ${account} the account of ${name}?`}
          deed="Link"
          isDangerous
          onConfirm={link}
          onCancel={() => setAsked(false)}
        >
          <p>
            From then on the provider decides about this account: its name, its rooms, and whether it is
            locked.
          </p>
          <p>If it is somebody else's, she hands her account over. Ask her before.</p>
        </Confirm>
      )}
    </>
  );
}
