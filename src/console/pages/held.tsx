import type { Holds } from '../answers.ts';
import { Page } from '../page.tsx';
import { Empty, Show } from '../states.tsx';
import { usePaged } from '../use-data.ts';
import { Hold } from './hold.tsx';

const EVERY_MS = 30_000;

/** What would be taken away, and waits until a person has looked. */
export function HeldPage() {
  const { data, first, reload, more, isLoadingMore } = usePaged(
    '/held?limit=20&changes=10',
    ({ holds, next }: Holds) => ({ items: holds, next }),
    EVERY_MS,
  );
  const waiting = first.kind === 'ready' ? first.value.waiting : 0;
  return (
    <Page title="Held">
      <p>What would be taken away in bulk waits here until somebody decides. What gives goes on meanwhile.</p>
      <Show data={data} what="what is held" reload={reload}>
        {(holds) =>
          holds.length === 0 ? (
            <Empty>Nothing is held, and nothing waits for you.</Empty>
          ) : (
            <>
              {waiting > 1 && <p>{waiting.toLocaleString('en')} decisions wait.</p>}
              {holds.map((hold) => (
                // Its digest is another one whenever it grows, while somebody may be about to decide.
                <Hold key={`${hold.scope} ${hold.verdict ?? ''}`} hold={hold} reload={reload} />
              ))}
              {more !== undefined && (
                <button type="button" class="secondary" aria-busy={isLoadingMore} onClick={more}>
                  Show more holds
                </button>
              )}
            </>
          )
        }
      </Show>
    </Page>
  );
}
