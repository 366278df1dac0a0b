import { useState } from 'preact/hooks';
import type { Conflict, Part } from '../answers.ts';
import { Confirm } from '../dialog.tsx';
import { PersonLink } from '../links.tsx';
import { Page } from '../page.tsx';
import { to } from '../places.ts';
import { type Column, PagedTable } from '../table.tsx';
import { useTell } from '../toasts.tsx';
import { usePaged } from '../use-data.ts';
import { useKeeper, useMayChange } from '../use-session.ts';
import { UnlinkAction } from './unlink.tsx';

/** People whose account somebody has to decide about. */
export function ConflictsPage() {
  const paged = usePaged('/conflicts', (answer: Part<Conflict>) => answer);
  const mayChange = useMayChange();
  const actions: Column<Conflict> = {
    head: 'What to do',
    isActions: true,
    cell: (conflict) => <Actions conflict={conflict} reload={paged.reload} />,
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

const COLUMNS: readonly Column<Conflict>[] = [
  { head: 'Name', isName: true, cell: (person) => <PersonLink person={person} /> },
  { head: 'What is wrong', cell: ({ message }) => message },
  {
    head: 'Ways out',
    cell: ({ waysOut }) => (
      <ul>
        {waysOut.map(({ kind, text }) => (
          <li key={text}>
            {kind === 'link' && 'link it to her, '}
            {text}
          </li>
        ))}
      </ul>
    ),
  },
];

type ActionProps = { readonly conflict: Conflict; readonly reload: () => void };

function Actions({ conflict, reload }: ActionProps) {
  const { scimId, account, isLinked } = conflict;
  if (account === undefined || !isLinked) return <LinkAction conflict={conflict} reload={reload} />;
  return <UnlinkAction scimId={scimId} name={nameOf(conflict)} account={account} onEnd={reload} />;
}

function nameOf({ scimId, userName, displayName }: Conflict): string {
  return displayName ?? userName ?? scimId;
}

/** Only where linking is a way out. */
function LinkAction({ conflict, reload }: ActionProps) {
  const { call } = useKeeper();
  const tell = useTell();
  const [isAsked, setAsked] = useState(false);
  const { scimId, account, waysOut } = conflict;
  const name = nameOf(conflict);
  if (account === undefined || !waysOut.some(({ kind }) => kind === 'link')) return null;
  const link = async (): Promise<void> => {
    await call(`/people/${encodeURIComponent(scimId)}/link`, { method: 'POST', body: { account } });
    setAsked(false);
    tell('done', `${account} is linked to ${name}, who is looked at within seconds.`);
    reload();
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
