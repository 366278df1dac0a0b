import type { Config } from '../config/config.ts';
import { mapName } from '../config/group-map-source.ts';
import type { Metrics } from '../http/metrics.ts';
import type { Log } from '../log.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { type GroupMapWarning, warningsOf } from '../plan/group-map-warnings.ts';
import { unmatchedRules } from '../plan/openings.ts';
import { describeChange } from '../plan/render.ts';
import type { GuardListener } from '../reconcile/guard.ts';
import type { LoopListener } from '../reconcile/loop.ts';
import type { ExecutorListener } from '../reconcile/maker.ts';
import type { Store } from '../store/store.ts';
import type { StoreHealth } from './store-health.ts';

/** Groups of the map that nobody pushed: perhaps misspelt. */
export function warnOfUnmatched(log: Log, store: Store, map: GroupMap): void {
  const tell = async (): Promise<void> => {
    for (const reason of unmatchedRules(map, await store.groups.names()))
      log.warn({ reason }, 'needs a person');
  };
  tell().catch((err: unknown) => log.error({ err }, 'error inside Usher'));
}

/** What is valid in the map and seldom meant. */
export function warnOfUnusual(log: Log, { groupMap, matrix }: Config, map: GroupMap): void {
  for (const { line, column, message } of warningsOf(map, matrix))
    log.warn(
      { place: `${mapName(groupMap)}:${line}:${column}`, reason: message },
      'group map may not say what is meant',
    );
}

/** Logs and counts what was changed on the homeserver. */
export function executorListener(log: Log, metrics: Metrics): ExecutorListener {
  return {
    changed(change, outcome) {
      metrics.onChange({ kind: change.kind, outcome });
      const fields = {
        kind: change.kind,
        ...('account' in change && { account: change.account }),
        ...('roomId' in change && { roomId: change.roomId }),
        what: describeChange(change),
      };
      if (outcome === 'done') log.info(fields, 'changed');
      if (outcome === 'dry-run') log.info(fields, 'would change');
    },
    found: ({ code, message, blocking }) => {
      if (!blocking) log.info({ code, reason: message }, 'found and left as it is');
    },
  };
}

/** Logs what is held. */
export function guardListener(log: Log): GuardListener {
  return {
    held: (scope, reason) =>
      log.error({ scope, reason }, 'held until a person decides: usher held, usher approve'),
  };
}

/** Logs and counts passes, outages, and people who are not as they should be. */
export function loopListener(
  { groupMap }: Config,
  log: Log,
  metrics: Metrics,
  storeHealth: StoreHealth,
): LoopListener {
  let told: ReadonlySet<string> = new Set();
  /** Those of the last pass were said already. */
  const warn = (warnings: readonly GroupMapWarning[]): void => {
    const lines = warnings.map((warning) => ({
      place: `${mapName(groupMap)}:${warning.line}:${warning.column}`,
      reason: warning.message,
    }));
    for (const line of lines) if (!told.has(line.reason)) log.warn(line, 'needs a person');
    told = new Set(lines.map(({ reason }) => reason));
  };
  return {
    paused: ({ kind, message, until }) => {
      const fields = { kind, reason: message, until: new Date(until).toISOString() };
      if (kind === 'internal') return;
      if (kind === 'unauthorised') log.error(fields, 'homeserver refuses the token, everything waits');
      else log.warn(fields, 'homeserver does not answer, everything waits');
    },
    resumed: () => log.info('homeserver answers again'),
    passed: ({ startedAt, finishedAt, marked, drifted, problems, warnings }) => {
      metrics.onPass({ at: finishedAt, durationMs: finishedAt - startedAt, drifted });
      for (const problem of problems) log.warn(problem, 'needs a person');
      warn(warnings);
      log.info({ ms: finishedAt - startedAt, people: marked, drifted }, 'full pass done');
    },
    postponed: (userId, message, until) =>
      log.warn(
        { userId, reason: message, until: new Date(until).toISOString() },
        'person not as she should be',
      ),
    crashed: storeHealth.report,
  };
}
