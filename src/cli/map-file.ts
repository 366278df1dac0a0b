import { ConfigError } from '../config/error.ts';
import { isGiven, readSettings } from '../config/read-settings.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { readFile, readMapFile, type Terminal, UsageError } from './terminal.ts';

/** Where the map is: the file that is named, else that of GROUP_MAP_FILE. Throws `UsageError` if there is no file. */
export function mapFile({ env }: Terminal, named: string | undefined): string {
  if (named !== undefined) return named;
  if (isGiven(env, 'IDP_GROUP_TO_ROOM')) {
    throw new UsageError(
      'the group map is in the setting IDP_GROUP_TO_ROOM, which no command edits: edit it by hand, or write it into a file and set GROUP_MAP_FILE instead',
    );
  }
  const path = readSettings(env, readFile).values.GROUP_MAP_FILE;
  if (path === undefined) throw new UsageError('which group map? Name the file, or set GROUP_MAP_FILE');
  return path;
}

/** The map of a file, or without a name the one that is in force. Throws `GroupMapError` if it is none. */
export function mapInForce(
  terminal: Terminal,
  named: string | undefined,
): { readonly name: string; readonly map: GroupMap } {
  if (named !== undefined || !isGiven(terminal.env, 'IDP_GROUP_TO_ROOM')) {
    const path = mapFile(terminal, named);
    return { name: path, map: readMapFile(path) };
  }
  const { values, problems } = readSettings(terminal.env, readFile);
  const own = problems.filter(({ setting }) => setting.startsWith('IDP_GROUP_TO_ROOM'));
  if (values.IDP_GROUP_TO_ROOM === undefined) throw new ConfigError(own);
  return { name: 'IDP_GROUP_TO_ROOM', map: values.IDP_GROUP_TO_ROOM.map };
}

/** What the settings say of the homeserver, if they do. */
export function serverNameIn({ env }: Terminal): string | undefined {
  return readSettings(env, readFile).values.MATRIX_SERVER_NAME;
}
