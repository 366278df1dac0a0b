import { CircleCheck, TriangleAlert } from 'lucide-preact';
import type { Status, StatusLine } from '../answers.ts';
import { Page } from '../page.tsx';
import { to } from '../places.ts';
import { Show } from '../states.tsx';
import { WithSteps } from '../steps.tsx';
import { useData } from '../use-data.ts';
import { When } from '../when.tsx';

const EVERY_MS = 15_000;

/** Where one looks further. */
const MORE: Readonly<Record<string, string>> = {
  provider: to('/groups'),
  'group map': to('/map'),
  room: to('/rooms'),
  work: to('/people?failing=yes'),
  people: to('/people?failing=yes'),
  holds: to('/held'),
  'last pass': to('/journal'),
};

/** Is all well, and if not, why and what to do? */
export function OverviewPage() {
  const { data, reload } = useData<Status>('/status', EVERY_MS);
  return (
    <Page title="Overview">
      <Show data={data} what="the state of things" reload={reload}>
        {(status) => (
          <>
            <Verdict status={status} />
            <Numbers status={status} />
            <h2>In detail</h2>
            <ul class="parts">
              {status.parts.map((line) => (
                <Part key={`${line.subject} ${line.found}`} line={line} />
              ))}
            </ul>
            <p class="quiet">
              As of <When at={status.at} />. This page looks again by itself.
            </p>
          </>
        )}
      </Show>
    </Page>
  );
}

function Verdict({ status: { isWell, toDo, isDryRun } }: { readonly status: Status }) {
  return (
    <>
      {isWell ? (
        <div class="notice good verdict" role="status">
          <CircleCheck aria-hidden="true" />
          <p>All is well.</p>
        </div>
      ) : (
        <div class="notice bad verdict" role="status">
          <TriangleAlert aria-hidden="true" />
          <div>
            <p>{toDo.length === 1 ? 'One thing needs you:' : `${toDo.length} things need you:`}</p>
            <ul>
              {toDo.map(({ subject, found }) => (
                <li key={`${subject} ${found}`}>
                  {MORE[subject] === undefined ? subject : <a href={MORE[subject]}>{subject}</a>}: {found}
                </li>
              ))}
            </ul>
          </div>
        </div>
      )}
      {isDryRun && (
        <p class="notice warn">
          <code>DRY_RUN</code> is true: Usher says what it would do, and does nothing.
        </p>
      )}
    </>
  );
}

function Numbers({ status }: { readonly status: Status }) {
  const sum = (of: 'users' | 'groups') => status.sources.reduce((total, each) => total + each[of], 0);
  const tiles = [
    ['People', sum('users'), to('/people')],
    ['Groups', sum('groups'), to('/groups')],
    ['Rooms', status.map.rooms, to('/rooms')],
    ['Wait for a look', status.work.total, to('/people?failing=yes')],
    ['Held', status.held.waiting, to('/held')],
  ] as const;
  return (
    <ul class="tiles">
      {tiles.map(([name, amount, path]) => (
        <li key={name}>
          <a href={path}>
            <strong>{amount.toLocaleString('en')}</strong> <span>{name}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Part({ line: { subject, found, remedy, steps } }: { readonly line: StatusLine }) {
  const isWell = remedy === undefined;
  const path = MORE[subject];
  return (
    <li class={isWell ? 'well' : 'unwell'}>
      {isWell ? <CircleCheck aria-label="well" /> : <TriangleAlert aria-label="needs you" />}
      <div>
        <strong>{path === undefined ? subject : <a href={path}>{subject}</a>}</strong>
        <p>{found}</p>
        {!isWell && (
          <p class="remedy">
            To do: <WithSteps text={remedy} steps={steps} />
          </p>
        )}
      </div>
    </li>
  );
}
