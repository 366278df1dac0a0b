import type { MapPlan } from '../answers.ts';

/** What an edit would do, by room: what it takes away first. */
export function PlanOfMap({ plan }: { readonly plan: MapPlan }) {
  const { joins, kicks, others, rooms, accounts, moreAccounts, toMake, held, toKnow, problems } = plan;
  const isNothing = joins + kicks + others + toMake.length === 0;
  return (
    <section aria-labelledby="map-plan">
      <h2 id="map-plan">What it would do</h2>
      <p role="status">
        {isNothing ? (
          'Nothing: everybody is where this map says.'
        ) : (
          <>
            <strong>{kicks.toLocaleString('en')}</strong> removed,{' '}
            <strong>{joins.toLocaleString('en')}</strong> added, {others.toLocaleString('en')} other changes
            {toMake.length > 0 && `, ${toMake.length} rooms made: ${toMake.join(', ')}`}.
          </>
        )}
      </p>
      <Notes title="Would be held until somebody approves" texts={held} kind="warn" />
      <Notes title="Could not be read" texts={problems} kind="bad" />
      {rooms.map(({ roomId, name, joins: added, kicks: removed, levels, changes, more }) => (
        <details key={roomId} open={rooms.length < 4}>
          <summary>
            {name}: {removed} removed, {added} added{levels > 0 && `, ${levels} power levels`}
          </summary>
          <ul>
            {changes.map((change) => (
              <li key={change}>{change}</li>
            ))}
          </ul>
          {more > 0 && <p>… and {more.toLocaleString('en')} more.</p>}
        </details>
      ))}
      <Notes
        title="Accounts"
        texts={
          moreAccounts === 0 ? accounts : [...accounts, `… and ${moreAccounts.toLocaleString('en')} more.`]
        }
        kind="plain"
      />
      <Notes title="To know" texts={toKnow} kind="plain" />
    </section>
  );
}

type NotesProps = {
  readonly title: string;
  readonly texts: readonly string[];
  readonly kind: 'warn' | 'bad' | 'plain';
};

function Notes({ title, texts, kind }: NotesProps) {
  if (texts.length === 0) return null;
  return (
    <div class={kind === 'plain' ? undefined : `notice ${kind}`}>
      <h3>{title}</h3>
      <ul>
        {texts.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </div>
  );
}
