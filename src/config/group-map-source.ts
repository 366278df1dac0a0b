import { readFile } from 'node:fs/promises';
import { type GroupMap, GroupMapError, renderProblems } from '../plan/group-map.ts';
import { parseGroupMap } from '../plan/group-map-parse.ts';
import type { GroupMapLocation } from './config.ts';
import { ConfigError } from './error.ts';
import { SETTINGS } from './settings.ts';
import { reasonOf } from './values.ts';

/** The last map that was good, since when (milliseconds since 1970), and what is wrong with what is there now. */
export type GroupMapStatus = {
  readonly map: GroupMap;
  /** As it is written. */
  readonly text: string;
  readonly loadedAt: number;
  readonly problem: string | undefined;
};

export type GroupMapSource = {
  readonly status: () => GroupMapStatus;
  /** Stops watching; when it is done, no callback comes any more. */
  readonly close: () => Promise<void>;
};

/** Runs a task again and again until the function it returns is called. */
type Every = (task: () => Promise<void>) => () => void;

type Options = {
  readonly location: GroupMapLocation;
  /** A good map is there that is another one, or that comes after a problem. */
  readonly onChange: (map: GroupMap, text: string) => void;
  /** The map in force stays as it was. */
  readonly onProblem: (problem: string) => void;
  readonly now: () => number;
  readonly every?: Every;
};

/** What a look at the file found: its text, or why it could not be read. */
type Look = { readonly kind: 'text' | 'unreadable'; readonly content: string };

/**
 * Opens the group map, and watches it if it is a file. Throws `ConfigError` if the file cannot be read now and
 * `GroupMapError` if it is not a map; later problems are told, and keep the last good map.
 *
 * Watching is reading once a second: a map is a few kilobytes, and no event tells reliably of an editor that
 * renames, a bind mount, a swapped symlink of Kubernetes and a network file system alike. What is seen counts
 * when two looks in a row agree (after 1 to 2 s), so that a file half written or about to be renamed is not news.
 */
export async function openGroupMap(options: Options): Promise<GroupMapSource> {
  const { location, now } = options;
  if (location.kind === 'inline') {
    const { map, text } = location;
    const status = { map, text, loadedAt: now(), problem: undefined };
    return { status: () => status, close: async () => {} };
  }
  const first = await look(location.path);
  if (first.kind === 'unreadable') throw unreadable(location.path, first.content);
  return watch(location.path, first, parseFile(location.path, first.content), options);
}

function parseFile(path: string, text: string): GroupMap {
  try {
    return parseGroupMap(text);
  } catch (error) {
    throw error instanceof GroupMapError ? new GroupMapError(error.problems, path) : error;
  }
}

function watch(path: string, first: Look, map: GroupMap, options: Options): GroupMapSource {
  const { onChange, onProblem, now, every = everySecond } = options;
  let status: GroupMapStatus = { map, text: first.content, loadedAt: now(), problem: undefined };
  let acted = first;
  let previous = first;
  let looking: Promise<void> | undefined;
  let closed = false;

  const lookAgain = async (): Promise<void> => {
    const current = await look(path);
    const settled = same(current, previous);
    previous = current;
    if (closed || !settled || same(current, acted)) return;
    acted = current;
    const read = readMap(path, current);
    if ('problem' in read) {
      status = { ...status, problem: read.problem };
      onProblem(read.problem);
    } else {
      status = { map: read.map, text: current.content, loadedAt: now(), problem: undefined };
      onChange(read.map, current.content);
    }
  };
  const stop = every(async () => {
    looking ??= lookAgain().finally(() => {
      looking = undefined; // a slow file system is never asked twice at once
    });
    await looking;
  });

  return {
    status: () => status,
    close: async () => {
      closed = true;
      stop();
      await looking;
    },
  };
}

async function look(path: string): Promise<Look> {
  try {
    return { kind: 'text', content: await readFile(path, 'utf8') };
  } catch (error) {
    return { kind: 'unreadable', content: reasonOf(error) };
  }
}

function same(a: Look, b: Look): boolean {
  return a.kind === b.kind && a.content === b.content;
}

function readMap(path: string, { kind, content }: Look): { map: GroupMap } | { problem: string } {
  if (kind === 'unreadable') return { problem: `${path} cannot be read: ${content}` };
  try {
    return { map: parseGroupMap(content) };
  } catch (error) {
    if (!(error instanceof GroupMapError)) throw error;
    return { problem: renderProblems(path, error.problems) };
  }
}

function unreadable(path: string, reason: string): ConfigError {
  const message = `names a file that cannot be read: ${reason}`;
  const { example } = SETTINGS.GROUP_MAP_FILE;
  return new ConfigError([{ setting: 'GROUP_MAP_FILE', found: path, message, example }]);
}

/** Rejects, and so ends the process, only if one of the callbacks throws. */
const everySecond: Every = (task) => {
  const timer = setInterval(task, 1000);
  return () => clearInterval(timer);
};

/** What the group map is called in front of a line and a column. */
export function mapName(location: GroupMapLocation): string {
  return location.kind === 'file' ? location.path : 'IDP_GROUP_TO_ROOM';
}
