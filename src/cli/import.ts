import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DEFAULT_SOURCE } from '../access/token.ts';
import type { Config } from '../config/config.ts';
import { parseGroupMap } from '../plan/group-map-parse.ts';
import { unmatchedRules } from '../plan/openings.ts';
import { fillEmptyDatabase } from '../store/sqlite/import.ts';
import { readOnly } from '../synapse/read-only.ts';
import { connect } from './connection.ts';
import { connectMembers, fill, findIds, type OldDirectory } from './import-directory.ts';
import { convertMap } from './import-map.ts';
import { type OldGroup, readOldGroups, readOldUsers, reportTwice } from './predecessor.ts';
import { createProgress, EXIT, print, readConfig, readFile, type Terminal, UsageError } from './terminal.ts';
import { counted, PROMISE, utc } from './texts.ts';

export type ImportOptions = {
  /** Has `users.json`, `groups.json` and perhaps `group-map.jsonc`. */
  readonly folder: string | undefined;
  readonly users: string | undefined;
  readonly groups: string | undefined;
  readonly map: string | undefined;
  readonly mapOut: string | undefined;
};

type NewMap = { readonly path: string; readonly text: string; readonly notes: readonly string[] };

const SHOWN = 10;
const NEXT = `Next (docs/moving-from-synapse-scim.md):
  1. stop synapse-scim, and start Usher
  2. in the same SCIM provider, change the URL and the token, and do a full sync
  3. "usher held" shows what would be taken away
  4. "usher approve imported" lets that happen, and ends the hold`;

/**
 * Takes over what synapse-scim stored: users and groups under the ids that the provider knows them by, and their
 * accounts. All of it or nothing; of the homeserver it only reads.
 */
export async function importCommand(
  terminal: Terminal,
  what: string,
  options: ImportOptions,
): Promise<number> {
  if (what !== 'synapse-scim') throw new UsageError(`"${what}" can't be imported, only synapse-scim`);
  const config = readConfig(terminal);
  const files = filesOf(options);
  const map = newMap(files.map, options.mapOut, config);
  const { directory, unknown } = await readDirectory(terminal, config, files);

  const now = Date.now();
  const reason = `${sizeOf(directory)} were imported from synapse-scim (${utc(now)}). ${PROMISE}`;
  if (map !== undefined) writeMap(map);
  try {
    await fillEmptyDatabase(config.dataDir, (store) =>
      fill(store, directory, { source: DEFAULT_SOURCE, now, reason }),
    );
  } catch (error) {
    if (map !== undefined) rmSync(map.path, { force: true });
    throw error;
  }

  const say = (text: string): void => print(terminal, text);
  say(`imported: ${sizeOf(directory)} with ${counted(membersIn(directory.groups), 'member')}.`);
  const linked = directory.users.filter(({ account }) => account !== undefined).length;
  say(`${counted(linked, 'user has a Matrix account', 'users have a Matrix account')} that is known.`);
  if (map !== undefined) say(`group map: ${map.path}`);
  for (const note of [...notesOn(directory, unknown), ...notesOnMap(map, files.map, directory.groups)]) {
    say(`note: ${note}`);
  }
  say(`${PROMISE} ${NEXT}`);
  return EXIT.ok;
}

type Files = { readonly users: string; readonly groups: string; readonly map: string | undefined };

function filesOf({ folder, users, groups, map }: ImportOptions): Files {
  const within = (name: string): string | undefined =>
    folder === undefined ? undefined : join(folder, name);
  const [usersFile, groupsFile] = [users ?? within('users.json'), groups ?? within('groups.json')];
  if (usersFile === undefined || groupsFile === undefined) {
    throw new UsageError('name the DATA_DIR of synapse-scim, or its files by --users FILE and --groups FILE');
  }
  const inFolder = within('group-map.jsonc');
  const found = inFolder !== undefined && existsSync(inFolder) ? inFolder : undefined;
  return { users: usersFile, groups: groupsFile, map: map ?? found };
}

async function readDirectory(
  terminal: Terminal,
  config: Config,
  files: Files,
): Promise<{ readonly directory: OldDirectory; readonly unknown: readonly string[] }> {
  const problems: string[] = [];
  const report = (place: string, problem: string): void => {
    problems.push(`${place}: ${problem}`);
  };
  const { serverName } = config.matrix;
  const oldUsers = readOldUsers(readInput(files.users), basename(files.users), serverName, report);
  const groups = readOldGroups(readInput(files.groups), basename(files.groups), report);
  refuse(problems);
  const progress = createProgress(terminal);
  const policy = { provider: config.accounts.provider, serverName };
  const users = await findIds(oldUsers, readOnly(connect(config).homeserver), policy, progress.show);
  progress.clear();
  reportTwice([...users, ...groups], ({ id }) => id, 'id', report);
  refuse(problems);
  const connected = connectMembers({ users, groups });
  return { directory: { users, groups: connected.groups }, unknown: connected.unknown };
}

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new UsageError(
    `what synapse-scim stored can't be taken over as it is. Nothing was changed.\n${problems.join('\n')}`,
  );
}

function readInput(file: string): string {
  try {
    return readFile(file);
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Undefined if there is nothing to write: no old map, or a map of ours is there. */
function newMap(file: string | undefined, out: string | undefined, { groupMap }: Config): NewMap | undefined {
  if (file === undefined) {
    if (out === undefined) return undefined;
    throw new UsageError('--map-out needs a map to write: name it by --map FILE');
  }
  const converted = convertMap(readInput(file), file);
  const path = out ?? (groupMap.kind === 'file' ? groupMap.path : undefined);
  if (path === undefined) return undefined;
  if (!existsSync(path)) return { path, ...converted };
  if (out === undefined) return undefined;
  throw new UsageError(`${out} is there already, and is not written over. Give another --map-out.`);
}

function writeMap({ path, text }: NewMap): void {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o644 }); // the service may run as somebody else
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `the group map can't be written: ${reason}. Give a place that can be written to as --map-out. Nothing was changed.`,
    );
  }
}

function notesOn({ users }: OldDirectory, unknown: readonly string[]): readonly string[] {
  const without = users.filter(({ account }) => account === undefined).map(({ id }) => id);
  return [
    ...(without.length === 0
      ? []
      : [
          `for ${counted(without.length, 'user')} no account is known, so the next pass looks for one: ${few(without)}`,
        ]),
    ...(unknown.length === 0
      ? []
      : [
          `${counted(unknown.length, 'member is nobody who was', 'members are nobody who was')} imported. They are kept and count for nobody: ${few(unknown)}`,
        ]),
  ];
}

function notesOnMap(
  map: NewMap | undefined,
  file: string | undefined,
  groups: readonly OldGroup[],
): readonly string[] {
  if (map === undefined) {
    return file === undefined ? [] : [`a group map is there already; ${file} was left where it is.`];
  }
  const names = groups.map(({ id, attributes }) => ({
    id,
    externalId: String(attributes.externalId),
    displayName: String(attributes.displayName),
  }));
  return [...map.notes, ...unmatchedRules(parseGroupMap(map.text), names)];
}

function few(values: readonly string[]): string {
  const more = values.length - SHOWN;
  return `${values.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function sizeOf({ users, groups }: OldDirectory): string {
  return `${counted(users.length, 'user')} and ${counted(groups.length, 'group')}`;
}

function membersIn(groups: readonly OldGroup[]): number {
  return groups.reduce((sum, { members }) => sum + members.length, 0);
}
