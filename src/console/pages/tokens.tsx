import { Plus } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { Badge } from '../badge.tsx';
import { Page } from '../page.tsx';
import { Empty, Show } from '../states.tsx';
import { type Column, Table } from '../table.tsx';
import { lastUseOf, stateOf, type Token } from '../token.ts';
import { useData } from '../use-data.ts';
import { useMayChange } from '../use-session.ts';
import { When } from '../when.tsx';
import { TokenActions } from './token-actions.tsx';
import { CreateToken } from './token-create.tsx';
import { SecretShown, type Shown } from './token-secret.tsx';

/** Who is let in: providers, programs, admins. */
export function TokensPage() {
  const { data, reload } = useData<{ readonly tokens: readonly Token[] }>('/tokens');
  const mayChange = useMayChange();
  const [isCreating, setCreating] = useState(false);
  const [shown, setShown] = useState<Shown>();
  const show = (next: Shown): void => {
    setCreating(false);
    setShown(next);
    reload();
  };
  const actions: Column<Token> = {
    head: 'What to do',
    isActions: true,
    cell: (token) => <TokenActions token={token} onSecret={show} onChange={reload} />,
  };
  const columns = mayChange ? [...COLUMNS, actions] : COLUMNS;
  return (
    <Page
      title="Tokens"
      actions={
        mayChange && (
          <button type="button" onClick={() => setCreating(true)}>
            <Plus aria-hidden="true" /> New token
          </button>
        )
      }
    >
      <p>
        A token lets a provider or a program in, for what its scopes say. <code>WEBHOOK_SECRET</code> is a
        setting, and not listed.
      </p>
      <Show data={data} what="the tokens" reload={reload}>
        {({ tokens }) =>
          tokens.length === 0 ? (
            <Empty>
              There is no token yet. Make one for each provider and program, so that each can be ended alone.
            </Empty>
          ) : (
            <Table caption="Tokens" columns={columns} rows={tokens} keyOf={({ id }) => id} />
          )
        }
      </Show>
      {isCreating && <CreateToken onMade={show} onCancel={() => setCreating(false)} />}
      {shown !== undefined && <SecretShown {...shown} onClose={() => setShown(undefined)} />}
    </Page>
  );
}

const STATES = {
  good: ['good', 'good'],
  disabled: ['plain', 'disabled'],
  expired: ['warn', 'expired'],
} as const;

function State({ token }: { readonly token: Token }) {
  const [kind, text] = STATES[stateOf(token, Date.now())];
  return <Badge kind={kind}>{text}</Badge>;
}

const COLUMNS: readonly Column<Token>[] = [
  { head: 'Name', isName: true, cell: ({ name }) => name },
  { head: 'State', cell: (token) => <State token={token} /> },
  {
    head: 'May',
    cell: ({ scopes, networks }) => (
      <>
        {scopes.join(', ')}
        {networks.length > 0 && <small class="under">from {networks.join(', ')}</small>}
      </>
    ),
  },
  { head: 'Source', cell: ({ source }) => source },
  {
    head: 'Last used',
    cell: (token) => {
      const use = lastUseOf(token);
      if (use === undefined) return 'never';
      return (
        <>
          <When at={use.at} />
          {use.from !== null && <small class="under">from {use.from}</small>}
        </>
      );
    },
  },
  {
    head: 'Ends',
    cell: ({ expires, secrets }) => (
      <>
        {expires === null ? 'never' : <When at={expires} />}
        {secrets[1]?.expires && (
          <small class="under">
            old secret: <When at={secrets[1].expires} />
          </small>
        )}
      </>
    ),
  },
];
