import type { ResourceId } from '../directory/resource.ts';
import type { RoomId } from '../matrix/ids.ts';
import type { Change, Finding } from '../plan/change.ts';
import { unmatchedRules } from '../plan/openings.ts';
import { renderPlan } from '../plan/render.ts';
import { verifyIdentity } from '../reconcile/pass.ts';
import { orProblem, type Problem } from '../reconcile/survey.ts';
import { openStoreReadOnly } from '../store/sqlite/open-store.ts';
import { readOnly } from '../synapse/read-only.ts';
import { connect, createPlanning, type Planning } from './engine.ts';
import { createProgress, EXIT, print, readConfig, readGroupMap, type Terminal } from './terminal.ts';

/** Everything that would be done now; `problems` are rooms and people that can't be read. */
type WholePlan = {
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
};

/** Shows what the service would do, from the state of this moment. May run beside it; changes nothing. */
export async function planCommand(
  terminal: Terminal,
  options: { readonly json: boolean; readonly exitCode: boolean },
): Promise<number> {
  const config = readConfig(terminal);
  const map = await readGroupMap(config);
  const store = openStoreReadOnly(config.dataDir);
  try {
    const homeserver = readOnly(connect(config));
    await verifyIdentity(homeserver, config.matrix.adminUserId);
    const planning = await createPlanning({ config, store, homeserver, map: () => map });
    const { resolved, ...plan } = await makePlan(planning, await store.work.all(), terminal);
    const groups = await store.groups.names();
    const whole = { ...plan, notes: unmatchedRules(map, groups) };
    const names = new Map<string, string>([
      ...groups.map(({ id, displayName }) => [id, displayName] as const),
      ...[...resolved].map(([target, roomId]) => [roomId, target] as const),
    ]);
    print(terminal, options.json ? JSON.stringify(whole, null, 2) : renderPlan(whole, names));
    return options.exitCode && whole.changes.length > 0 ? EXIT.changes : EXIT.ok;
  } finally {
    await store.close();
  }
}

async function makePlan(
  { survey, plan }: Planning,
  marked: readonly ResourceId[],
  terminal: Terminal,
): Promise<Omit<WholePlan, 'notes'> & { readonly resolved: ReadonlyMap<string, RoomId> }> {
  const progress = createProgress(terminal);
  const people = new Set(marked);
  progress.show('reading the rooms …');
  const { resolved, problems } = await survey.resolve();
  const more = await survey.look(async (found) => {
    for (const userId of found) people.add(userId);
  }, new AbortController().signal);
  const changes: Change[] = [];
  const findings: Finding[] = [];
  const unread: Problem[] = [];
  const accounts = new Set<string>();
  let count = 0;
  for (const userId of people) {
    count += 1;
    progress.show(`planning ${count} of ${people.size} people …`);
    const personPlan = await orProblem(userId, () => plan(userId));
    if ('message' in personPlan) {
      unread.push(personPlan);
      continue;
    }
    // Two users may share one account: its changes are the same in both plans.
    if (personPlan.account !== undefined && accounts.has(personPlan.account)) continue;
    if (personPlan.account !== undefined) accounts.add(personPlan.account);
    changes.push(...personPlan.changes);
    findings.push(...personPlan.findings);
  }
  progress.clear();
  return { resolved, changes, findings, problems: [...problems, ...more, ...unread] };
}
