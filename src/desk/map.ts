import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { access, constants, readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { GroupMapLocation } from '../config/config.ts';
import { FileNotWritten } from '../config/error.ts';
import { replaceFile } from '../config/replace-file.ts';
import { reasonOf } from '../config/values.ts';
import { GroupMapError, type GroupMapProblem } from '../plan/group-map.ts';
import { parseGroupMap } from '../plan/group-map-parse.ts';
import { warningsOf } from '../plan/group-map-warnings.ts';
import { unmatchedRules } from '../plan/openings.ts';
import { THE_FILE } from '../store/map-store.ts';
import type { Store } from '../store/store.ts';
import { Refused } from './error.ts';

/** The text of the map as it is now, perhaps broken; `version` tells it from any other. */
export type MapText = { readonly text: string; readonly version: string };

/** What is wrong with a text, and what is seldom meant in it. */
export type MapCheck = {
  readonly problems: readonly GroupMapProblem[];
  readonly warnings: readonly GroupMapProblem[];
  /** Groups of it that nobody pushed. */
  readonly notes: readonly string[];
};

/** Somebody else changed the map meanwhile. */
export class MapChanged extends Error {
  override readonly name = 'MapChanged';
}

export type MapDesk = {
  /** Rejects with `Refused` if the file can't be read. */
  readonly read: () => Promise<MapText>;
  /** Why the map can't be saved here, and what to do; undefined as far as nothing stands in the way. */
  readonly fixedBy: () => Promise<string | undefined>;
  readonly check: (text: string) => Promise<MapCheck>;
  /**
   * Writes the file, if it is still that version. Rejects with `MapChanged`, `GroupMapError`, or `Refused` if it can't be
   * written; then it is as it was.
   */
  readonly save: (text: string, version: string, who: string) => Promise<MapText>;
};

type MapDeskDeps = {
  readonly location: GroupMapLocation;
  /** What our homeserver is called. */
  readonly serverName: string;
  readonly store: Pick<Store, 'groups' | 'maps'>;
  readonly now: () => number;
  /** Told why a map that is saved is not in the history. */
  readonly onUnwritten?: ((error: unknown) => void) | undefined;
};

const FIXED =
  'The group map is in the setting IDP_GROUP_TO_ROOM, and is not saved from here: write it into a file, and set GROUP_MAP_FILE instead.';

/** What admins do with the group map. */
export function createMapDesk({
  location,
  serverName,
  store,
  now,
  onUnwritten = () => {},
}: MapDeskDeps): MapDesk {
  const read = async (): Promise<MapText> => {
    if (location.kind === 'inline') return textOf(location.text);
    try {
      return textOf(await readFile(location.path, 'utf8'));
    } catch (error) {
      throw unreadable(location.path, error);
    }
  };

  /** The map is in force by then, whatever becomes of its history. */
  const remember = async (before: string, text: string, who: string): Promise<void> => {
    try {
      // What a file said is in the history once Usher read it, which may not have been yet.
      if (isMap(before)) await store.maps.add({ at: now(), who: THE_FILE, text: before });
      await store.maps.add({ at: now(), who, text });
    } catch (error) {
      onUnwritten(error);
    }
  };

  return {
    read,
    fixedBy: async () => (location.kind === 'inline' ? FIXED : fixedBy(location.path)),
    async check(text) {
      try {
        const map = parseGroupMap(text);
        const notes = unmatchedRules(map, await store.groups.names());
        return { problems: [], warnings: warningsOf(map, { serverName }), notes };
      } catch (error) {
        if (!(error instanceof GroupMapError)) throw error;
        return { problems: error.problems, warnings: [], notes: [] };
      }
    },
    async save(text, version, who) {
      if (location.kind === 'inline') throw new Refused(FIXED);
      parseGroupMap(text);
      await remember(replaceIf(location.path, version, text), text, who);
      return textOf(text);
    },
  };
}

/** Returns what was there. Nobody else who saves has a turn in between: of two at once, one is late. */
function replaceIf(path: string, version: string, text: string): string {
  const before = readNow(path);
  if (textOf(before).version !== version) {
    throw new MapChanged('The map was changed meanwhile: look at what it is now, and edit that.');
  }
  try {
    replaceFile(path, text);
    return before;
  } catch (error) {
    if (!(error instanceof FileNotWritten)) throw error;
    throw new Refused(`${error.message}.`, { cause: error });
  }
}

function readNow(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): Refused {
  return new Refused(`${path} can't be read: ${reasonOf(error)}.`, { cause: error });
}

function isMap(text: string): boolean {
  try {
    parseGroupMap(text);
    return true;
  } catch (error) {
    if (error instanceof GroupMapError) return false;
    throw error;
  }
}

/** A file that stands alone on its mount is found out when it is written. */
async function fixedBy(path: string): Promise<string | undefined> {
  try {
    await access(dirname(await realpath(path)), constants.W_OK);
    return undefined;
  } catch (error) {
    const folder = `the folder of ${path} is not writable for Usher (${reasonOf(error)})`;
    return `The map can't be saved here, since ${folder}. Change the file where it comes from; or mount the folder without ":ro", and let Usher's user write there.`;
  }
}

function textOf(text: string): MapText {
  return { text, version: createHash('sha256').update(text).digest('base64url').slice(0, 22) };
}
