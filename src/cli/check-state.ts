import { existsSync, readdirSync } from 'node:fs';
import { type Finding, ok, warning } from '../desk/finding.ts';
import { CAUTIONS } from '../plan/guard.ts';
import { LAST_PASS } from '../reconcile/pass.ts';
import { backupsFolder, timeOfBackup } from '../store/sqlite/backup-names.ts';
import type { Store } from '../store/store.ts';
import { counted, utc } from './texts.ts';

type Times = { readonly resyncMs: number; readonly now: number };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What the running service left behind: what it holds, when it last looked at all, and its backups. */
export async function checkState(store: Store, dataDir: string, times: Times): Promise<readonly Finding[]> {
  return [
    await checkGuard(store),
    checkLastPass(await store.facts.get(LAST_PASS), times),
    ...checkBackups(dataDir, times.now),
  ];
}

async function checkGuard(store: Store): Promise<Finding> {
  const holds = await store.guard.holds();
  if (holds.length === 0) return ok('guard', 'nothing is held');
  const waiting = await store.guard.countHeld();
  const reasons = holds.map(({ reason, since }) => `\n      - ${reason} (since ${utc(since)})`).join('');
  const isAll = holds.some(({ scope }) => CAUTIONS.some((caution) => caution === scope));
  const wait = waiting === 1 ? 'change waits' : 'changes wait';
  return warning('guard', {
    found: `${waiting} ${wait} for a person:${reasons}`,
    meaning: isAll
      ? 'nothing is taken from anybody before somebody has decided.'
      : 'these are not made before somebody has decided; all else goes on.',
    remedy: '"usher held" shows them; then "usher approve" or "usher reject".',
  });
}

/** A pass that is under way may take its time, so only twice the interval is late. */
function checkLastPass(report: unknown, { resyncMs, now }: Times): Finding {
  const at = finishedAt(report);
  if (at === undefined) return ok('full pass', 'none yet; the service makes one at its start');
  const told = `the last one ended ${ago(now - at)} ago, at ${utc(at)}`;
  if (now - at <= 2 * resyncMs) return ok('full pass', told);
  return warning('full pass', {
    found: `${told}, and RESYNC_INTERVAL is ${ago(resyncMs)}`,
    meaning: 'the service does not run, or can not end a pass; what others change in Matrix is not seen.',
    remedy: 'start it, or look into its log and at /readyz.',
  });
}

function finishedAt(report: unknown): number | undefined {
  if (typeof report !== 'object' || report === null || !('finishedAt' in report)) return undefined;
  return typeof report.finishedAt === 'number' ? report.finishedAt : undefined;
}

/** To know. Where there are none, another tool may make them. */
function checkBackups(dataDir: string, now: number): readonly Finding[] {
  const folder = backupsFolder(dataDir);
  if (!existsSync(folder)) return [];
  const times = readdirSync(folder).flatMap((name) => timeOfBackup(name) ?? []);
  if (times.length === 0) return [ok('backup', `none in ${folder}`)];
  const newest = Math.max(...times);
  return [
    ok('backup', `${counted(times.length, 'backup')} in ${folder}, the newest ${ago(now - newest)} old`),
  ];
}

/** `40 seconds`, `3 minutes`, `5 hours`, `2 days`. */
function ago(ms: number): string {
  if (ms < 2 * MINUTE_MS) return counted(Math.max(0, Math.round(ms / 1000)), 'second');
  const minutes = Math.round(ms / MINUTE_MS);
  if (minutes < 2 * 60) return counted(minutes, 'minute');
  return ms < 2 * DAY_MS
    ? counted(Math.round(minutes / 60), 'hour')
    : counted(Math.round(ms / DAY_MS), 'day');
}
