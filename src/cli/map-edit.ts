import { loadDataConfig } from '../config/config.ts';
import { ConfigError } from '../config/error.ts';
import { replaceFile } from '../config/replace-file.ts';
import type { GroupNames } from '../directory/group.ts';
import { type GroupMap, GroupMapError, renderProblems } from '../plan/group-map.ts';
import { addToMap, type Edited, type NewTarget, removeFromMap } from '../plan/group-map-edit.ts';
import { warningsOf } from '../plan/group-map-warnings.ts';
import { unmatchedRules } from '../plan/openings.ts';
import { StoreUnusable } from '../store/error.ts';
import { openStoreReadOnly } from '../store/sqlite/open-store.ts';
import { mapFile, serverNameIn } from './map-file.ts';
import { EXIT, parseMap, print, readFile, readNamedFile, type Terminal, UsageError } from './terminal.ts';

/** Gives a group a room, and leaves the rest of the file as it is written. */
export async function addCommand(
  terminal: Terminal,
  request: { readonly group: string; readonly target: NewTarget; readonly file: string | undefined },
): Promise<number> {
  const { group, target, file } = request;
  return editFile(terminal, file, (text) => addToMap(text, group, target));
}

/** Takes a room from a group, or the group from the map. */
export async function removeCommand(
  terminal: Terminal,
  request: { readonly group: string; readonly room: string | undefined; readonly file: string | undefined },
): Promise<number> {
  const { group, room, file } = request;
  return editFile(terminal, file, (text) => removeFromMap(text, group, room));
}

async function editFile(
  terminal: Terminal,
  named: string | undefined,
  change: (text: string) => Edited,
): Promise<number> {
  const path = mapFile(terminal, named);
  const before = readNamedFile(path);
  const map = parseMap(path, before);
  const edited = change(before);
  if ('refused' in edited) throw new UsageError(`${edited.refused}\nNothing was written.`);
  if ('already' in edited) {
    print(terminal, `${edited.already} Nothing to do.`);
    return EXIT.ok;
  }
  const next = parseResult(path, edited.text);
  replaceFile(path, edited.text);
  print(terminal, renderDifference(path, before, edited.text));
  warnOfNew(terminal, path, map, next);
  await warnOfUnmatched(terminal, map, next);
  return EXIT.ok;
}

function parseResult(path: string, text: string): GroupMap {
  try {
    return parseMap(path, text);
  } catch (error) {
    if (!(error instanceof GroupMapError)) throw error;
    const problems = renderProblems(path, error.problems);
    throw new UsageError(`this would not be a valid map any more; nothing was written:\n${problems}`);
  }
}

/** Only what the edit brought: the rest was there before, and "usher map check" tells it. */
function warnOfNew(terminal: Terminal, path: string, before: GroupMap, after: GroupMap): void {
  const surroundings = { serverName: serverNameIn(terminal) };
  const known = new Set(warningsOf(before, surroundings).map(({ message }) => message));
  const news = warningsOf(after, surroundings).filter(({ message }) => !known.has(message));
  for (const warning of news) print(terminal, `warning: ${renderProblems(path, [warning])}`);
}

/** A key that no pushed group has is perhaps a name without "name:"; told where the groups are known. */
async function warnOfUnmatched(terminal: Terminal, before: GroupMap, after: GroupMap): Promise<void> {
  const groups = await pushedGroups(terminal);
  if (groups === undefined) return;
  const known = new Set(unmatchedRules(before, groups));
  const news = unmatchedRules(after, groups).filter((message) => !known.has(message));
  for (const message of news) print(terminal, `warning: ${message}`);
}

async function pushedGroups({ env }: Terminal): Promise<readonly GroupNames[] | undefined> {
  try {
    const store = openStoreReadOnly(loadDataConfig({ env, readFile }).dataDir);
    try {
      return await store.groups.names();
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof StoreUnusable || error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** The lines that changed, with the place where they begin. An edit is in one place, so there is one piece. */
function renderDifference(path: string, before: string, after: string): string {
  const [old, now] = [before, after].map((text) => text.split(/\r\n|\n|\r/)) as [string[], string[]];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  const most = Math.min(old.length, now.length) - start;
  while (end < most && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  return [
    `${path}:${start + 1}`,
    ...old.slice(start, old.length - end).map((line) => `-${line}`),
    ...now.slice(start, now.length - end).map((line) => `+${line}`),
  ].join('\n');
}
