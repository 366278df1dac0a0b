import { useRoute } from 'preact-iso';
import type { Explanation } from '../answers.ts';
import { Facts } from '../facts.tsx';
import { Entries } from '../journal-table.tsx';
import { RoomLink, termsText } from '../links.tsx';
import { Page } from '../page.tsx';
import { to } from '../places.ts';
import { Empty, Show } from '../states.tsx';
import { WithSteps } from '../steps.tsx';
import { useData } from '../use-data.ts';
import { When } from '../when.tsx';
import { StandingBadge } from './standing.tsx';

/** Why she is in a room, or is not, and what comes next. */
export function ExplainPage() {
  const { id = '', room = '' } = useRoute().params;
  const { data, reload } = useData<Explanation>(
    `/people/${encodeURIComponent(id)}/rooms/${encodeURIComponent(room)}`,
  );
  const { displayName, userName = id } = data.kind === 'ready' ? data.value.person : {};
  const title = data.kind === 'ready' ? `Is ${displayName ?? userName} in ${room}?` : `Why ${room}?`;
  return (
    <Page title={title} actions={<a href={to('/people', id)}>Back to the person</a>}>
      <Show data={data} what="the reasons" reload={reload}>
        {(explanation) => <Reasons explanation={explanation} />}
      </Show>
    </Page>
  );
}

function Reasons({ explanation }: { readonly explanation: Explanation }) {
  const { answer, isIn, room, record, terms, holds, next, history } = explanation;
  return (
    <>
      <p class="answer">{answer}</p>
      <Facts
        facts={[
          ['What comes next', <WithSteps key="next" text={next.text} steps={next.steps} />],
          ['Now', <StandingBadge key="now" isIn={isIn} />],
          ['Open by', openBy(explanation)],
          ['Also by', alsoBy(explanation)],
          [
            'Recorded',
            record && (
              <>
                {record.state}, <When at={record.since} />
              </>
            ),
          ],
          ['Terms', terms && termsText(terms)],
          ['Room', <RoomLink key="room" target={room.target} />],
          ['Room id', room.roomId],
          [
            'Held',
            holds.length === 0 ? undefined : (
              <a href={to('/held')}>{holds.map(({ digest }) => digest).join(', ')}</a>
            ),
          ],
        ]}
      />
      <h2>History</h2>
      {history.length === 0 ? (
        <Empty>The journal has nothing about her and this room.</Empty>
      ) : (
        <Entries entries={history.map((entry) => ({ ...entry, room: room.target }))} />
      )}
    </>
  );
}

/** The way from a group of hers to the one that opens the room. */
function openBy({ through, everybody }: Explanation): string {
  const ways = through.map(({ name, chain }) => (chain.length <= 1 ? name : chain.join(', which is in ')));
  return [...ways, ...(everybody ? ['"*", which is everybody'] : [])].join('; ') || 'no group of hers';
}

function alsoBy({ others }: Explanation): string | undefined {
  if (others.length === 0) return undefined;
  return others.map(({ key, name }) => (name === undefined ? `${key} (nobody pushed it)` : name)).join(', ');
}
