import { useState } from 'preact/hooks';
import type { HeldEntry, HoldEntry, Part } from '../answers.ts';
import { to, toExplanation } from '../places.ts';
import { Text } from '../room-names.tsx';
import { Show } from '../states.tsx';
import { usePaged } from '../use-data.ts';

/** What is in a hold: the first of it, and all of it for who asks. */
export function HoldChanges({ hold, reload }: { readonly hold: HoldEntry; readonly reload: () => void }) {
  const [isWhole, setWhole] = useState(false);
  const { digest, changes, count } = hold;
  if (isWhole) return <All key={digest} digest={digest} count={count} reload={reload} />;
  return (
    <>
      <Changes changes={changes} />
      {changes.length < count && (
        <button type="button" class="small" onClick={() => setWhole(true)}>
          Show more of the {count.toLocaleString('en')}
        </button>
      )}
    </>
  );
}

type AllProps = { readonly digest: string; readonly count: number; readonly reload: () => void };

/** Page by page; once the hold is another one, there is no page of it any more, and only the list of holds has the new one. */
function All({ digest, count, reload }: AllProps) {
  const names = usePaged(`/held/${digest}/changes?limit=100`, (answer: Part<HeldEntry>) => answer);
  const { data, more, isLoadingMore } = names;
  const again = (): void => {
    names.reload();
    reload();
  };
  return (
    <Show data={data} what="the names" reload={again}>
      {(changes) => (
        <>
          <Changes changes={changes} />
          {more !== undefined && (
            <p>
              {changes.length.toLocaleString('en')} of {count.toLocaleString('en')}.{' '}
              <button type="button" class="small" aria-busy={isLoadingMore} onClick={more}>
                Show more
              </button>
            </p>
          )}
        </>
      )}
    </Show>
  );
}

function Changes({ changes }: { readonly changes: readonly HeldEntry[] }) {
  return (
    <ul>
      {changes.map((change) => {
        const { kind, account, roomId = '', userId, detail, cause } = change;
        return (
          <li key={`${kind} ${account} ${roomId}`}>
            <Text of={change}>{detail}</Text>{' '}
            {userId !== undefined && (
              <a
                href={roomId === '' ? to('/people', userId) : toExplanation(userId, roomId)}
                aria-label={`Why ${account}?`}
              >
                why?
              </a>
            )}
            {cause !== undefined && (
              <small class="under">
                because of <Text of={change}>{cause}</Text>
              </small>
            )}
          </li>
        );
      })}
    </ul>
  );
}
