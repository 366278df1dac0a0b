import type { GroupMapSource } from '../config/group-map-source.ts';
import type { ComponentReport, Readiness } from '../http/health.ts';
import type { Loop } from '../reconcile/loop.ts';
import type { Store } from '../store/store.ts';

type Deps = {
  readonly isDryRun: boolean;
  readonly store: Store;
  readonly loop: Loop;
  readonly groupMap: GroupMapSource;
};

const PROBE_MS = 5_000;

/** Only a database that fails keeps us from taking what providers push; the rest waits and is told. */
export function createReadiness({ isDryRun, store, loop, groupMap }: Deps): () => Promise<Readiness> {
  const probe = createProbe(store);
  return async () => {
    const database = await probe();
    const { pause, lastPass } = loop.status();
    const { problem } = groupMap.status();
    return {
      ready: database.status === 'ok',
      components: {
        database,
        homeserver: pause === undefined ? OK : degraded(pause.message),
        groupMap: problem === undefined ? OK : degraded(problem),
        rooms: roomsReport(
          lastPass === undefined,
          loop.problems().map(({ message }) => message),
        ),
        guard: database.status === 'ok' ? await guardReport(store) : database,
        people: database.status === 'ok' ? await peopleReport(store) : database,
        ...(isDryRun && { dryRun: degraded('DRY_RUN is true: nothing is changed') }),
      },
    };
  };
}

const OK: ComponentReport = { status: 'ok' };

function degraded(detail: string): ComponentReport {
  return { status: 'degraded', detail };
}

/** Asks the database at most once in a while, since anybody may ask us. */
function createProbe(store: Store): () => Promise<ComponentReport> {
  let askedAt = 0;
  let report = OK;
  return async () => {
    if (Date.now() - askedAt < PROBE_MS) return report;
    askedAt = Date.now();
    try {
      await store.probe();
      report = OK;
    } catch (error) {
      report = { status: 'failed', detail: error instanceof Error ? error.message : String(error) };
    }
    return report;
  };
}

function roomsReport(isFirstPass: boolean, problems: readonly string[]): ComponentReport {
  if (isFirstPass) return degraded('the first full pass is not done yet');
  return problems.length === 0 ? OK : degraded(problems.join('\n'));
}

/** What waits for a person. Names of rooms are not told: this page needs no token. */
async function guardReport(store: Store): Promise<ComponentReport> {
  const holds = await store.guard.holds();
  if (holds.length === 0) return OK;
  const waiting = (await store.guard.held()).filter(({ verdict }) => verdict === undefined).length;
  return degraded(`${waiting} changes are held until a person decides; "usher held" says which and why`);
}

/** A number only: this page needs no token. */
async function peopleReport(store: Store): Promise<ComponentReport> {
  const { failing } = await store.work.summary(Date.now());
  if (failing === 0) return OK;
  return degraded(`${failing} people are not as they should be; "usher check" says who`);
}
