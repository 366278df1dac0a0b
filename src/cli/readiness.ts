import type { GroupMapSource } from '../config/group-map-source.ts';
import type { ComponentReport, Readiness } from '../http/health.ts';
import type { Loop } from '../reconcile/loop.ts';
import type { Store } from '../store/store.ts';
import type { StoreHealth } from './store-health.ts';

type Deps = {
  readonly isDryRun: boolean;
  readonly store: Store;
  readonly storeHealth: StoreHealth;
  readonly loop: Loop;
  readonly groupMap: GroupMapSource;
  /** Why reports can't be sent; undefined if none are to be. */
  readonly reportTroubles: (() => readonly string[]) | undefined;
  /** Why events are not taken; undefined if nobody is to be told of them. */
  readonly eventTrouble: (() => string | undefined) | undefined;
};

const PROBE_MS = 5_000;

/** Only a database that fails keeps us from taking what providers push; the rest waits and is told. */
export function createReadiness({
  isDryRun,
  store,
  storeHealth,
  loop,
  groupMap,
  reportTroubles,
  eventTrouble,
}: Deps): () => Promise<Readiness> {
  const probe = createProbe(store, storeHealth);
  return async () => {
    const probed = await probe();
    const told = async (ask: (from: Store) => Promise<ComponentReport>): Promise<ComponentReport> =>
      probed.status === 'ok' ? tried(storeHealth, () => ask(store)) : probed;
    const [guard, people] = [await told(guardReport), await told(peopleReport)];
    const database = [probed, guard, people].find(({ status }) => status === 'failed') ?? probed;
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
        guard,
        people,
        ...(reportTroubles && { reports: reportsReport(reportTroubles()) }),
        ...(eventTrouble && { events: eventsReport(eventTrouble()) }),
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
function createProbe(store: Store, storeHealth: StoreHealth): () => Promise<ComponentReport> {
  let askedAt = Number.NEGATIVE_INFINITY;
  let report = OK;
  return async () => {
    if (performance.now() - askedAt >= PROBE_MS) {
      askedAt = performance.now();
      report = await tried(storeHealth, () => store.probe().then(() => OK));
    }
    const trouble = storeHealth.trouble();
    return trouble === undefined ? report : { status: 'failed', detail: trouble };
  };
}

/** What the database can't tell is failed. */
async function tried(
  storeHealth: StoreHealth,
  ask: () => Promise<ComponentReport>,
): Promise<ComponentReport> {
  try {
    return await ask();
  } catch (error) {
    storeHealth.notice(error);
    const detail = storeHealth.trouble() ?? (error instanceof Error ? error.message : String(error));
    return { status: 'failed', detail };
  }
}

function roomsReport(isFirstPass: boolean, problems: readonly string[]): ComponentReport {
  if (isFirstPass) return degraded('the first full pass is not done yet');
  return problems.length === 0 ? OK : degraded(problems.join('\n'));
}

function reportsReport(troubles: readonly string[]): ComponentReport {
  return troubles.length === 0 ? OK : degraded(troubles.join('\n'));
}

function eventsReport(reason: string | undefined): ComponentReport {
  if (reason === undefined) return OK;
  return degraded(`EVENTS_URL does not take events: ${reason}. They are kept for a week, and sent again`);
}

/** What waits for a person. Names of rooms are not told: this page needs no token. */
async function guardReport(store: Store): Promise<ComponentReport> {
  const holds = await store.guard.holds();
  if (holds.length === 0) return OK;
  const waiting = await store.guard.countHeld();
  return degraded(`${waiting} changes are held until a person decides; "usher held" says which and why`);
}

/** A number only: this page needs no token. */
async function peopleReport(store: Store): Promise<ComponentReport> {
  const { failing } = await store.work.summary(Date.now());
  if (failing === 0) return OK;
  return degraded(`${failing} people are not as they should be; "usher check" says who`);
}
