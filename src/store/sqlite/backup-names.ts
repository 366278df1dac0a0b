import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DATABASE } from './files.ts';

const OUR_NAME = /^usher-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z(-[a-z0-9-]+)?\.db$/;
const PART = '.part';
const ABANDONED_MS = 3_600_000;

export function backupsFolder(dataDir: string): string {
  return join(resolve(dataDir), 'backups');
}

/** `usher-2026-11-22T10-15-03Z.db`, with the reason after the time if there is one. */
export function backupName(at: number, reason: string | undefined): string {
  const time = new Date(at).toISOString().slice(0, 19).replaceAll(':', '-');
  const slug = (reason ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `usher-${time}Z${slug === '' ? '' : `-${slug}`}.db`;
}

/** When a backup was made, by its name: a copy has the time of the copying. Undefined if it is none of ours. */
export function timeOfBackup(name: string): number | undefined {
  const [, day, hour, minute, second] = OUR_NAME.exec(name) ?? [];
  return day === undefined ? undefined : Date.parse(`${day}T${hour}:${minute}:${second}Z`);
}

/** A file that nobody keeps: it is deleted after an hour if its process did not. */
export function passingFile(dataDir: string): string {
  return partOf(join(backupsFolder(dataDir), DATABASE));
}

/** Where a file is written before it is known to be good. */
export function partOf(file: string): string {
  return join(dirname(file), `.${basename(file)}.${process.pid}${PART}`);
}

/** Whether the file is one that we made and may delete. */
export function isOurs(file: string, dataDir: string): boolean {
  return dirname(resolve(file)) === backupsFolder(dataDir) && OUR_NAME.test(basename(file));
}

/** Deletes all but the newest of our backups, and what a crash left half written. `spared` are not looked at. */
export function prune(dataDir: string, kept: number, spared: readonly string[]): void {
  const folder = backupsFolder(dataDir);
  if (!existsSync(folder)) return;
  const names = readdirSync(folder);
  const safe = new Set(spared.map((file) => resolve(file)));
  // By the time in the name: a copy has the time of the copying.
  const ours = names.filter((name) => OUR_NAME.test(name)).sort();
  const surplus = ours
    .filter((name) => !safe.has(join(folder, name)))
    .slice(0, Math.max(0, ours.length - kept));
  for (const name of surplus) {
    for (const file of [name, `${name}-wal`, `${name}-journal`]) rmSync(join(folder, file), { force: true });
  }
  for (const name of names.filter((each) => each.endsWith(PART))) {
    const file = join(folder, name);
    if (Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > ABANDONED_MS) {
      rmSync(file, { force: true });
    }
  }
}
