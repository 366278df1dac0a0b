import type { HoldEntry } from '../answers.ts';
import { Page } from '../page.tsx';
import { WithRoomNames } from '../room-names.tsx';
import { Empty, Show } from '../states.tsx';
import { useData } from '../use-data.ts';
import { useQuery } from '../use-query.ts';
import { Hold } from './hold.tsx';

const EVERY_MS = 30_000;
const FEW = '20';
const MANY = '50';

/** What would be taken away, and waits until a person has looked. */
export function HeldPage() {
  const query = useQuery();
  const changes = query.get('changes') || FEW;
  const { data, reload } = useData<{ readonly holds: readonly HoldEntry[] }>(
    `/held?changes=${changes}`,
    EVERY_MS,
  );
  return (
    <Page title="Held">
      <p>What would be taken away in bulk waits here until somebody decides. What gives goes on meanwhile.</p>
      <Show data={data} what="what is held" reload={reload}>
        {({ holds }) =>
          holds.length === 0 ? (
            <Empty>Nothing is held, and nothing waits for you.</Empty>
          ) : (
            <WithRoomNames>
              {holds.map((hold) => (
                <Hold
                  key={hold.digest}
                  hold={hold}
                  reload={reload}
                  showAll={() => query.set('changes', MANY)}
                />
              ))}
            </WithRoomNames>
          )
        }
      </Show>
    </Page>
  );
}
