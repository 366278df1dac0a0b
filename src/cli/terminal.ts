import { readFileSync } from 'node:fs';
import { type Config, loadConfig } from '../config/config.ts';
import { openGroupMap } from '../config/group-map-source.ts';
import { reasonOf } from '../config/values.ts';
import { type GroupMap, GroupMapError } from '../plan/group-map.ts';
import { parseGroupMap } from '../plan/group-map-parse.ts';
import { harmlessLines, oneLine } from '../plan/legible.ts';

/** What a command may use of the process it runs in. */
export type Terminal = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stdin?: () => NodeJS.ReadableStream & { readonly isTTY?: boolean };
};

/** Exit codes of every command; documented in docs/operations.md. */
export const EXIT = {
  ok: 0,
  /** It ran, and something is not as it should be. */
  failed: 1,
  /** Wrong usage or configuration: nothing was done. */
  usage: 2,
  /** `plan --exit-code` found something to do. */
  changes: 3,
} as const;

/** A command that was called as it can't be; the message goes on after `usher: `. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Names that others chose may be in it: none of them moves the cursor or colours the screen. */
export function print({ stdout }: Pick<Terminal, 'stdout'>, text: string): void {
  stdout.write(`${harmlessLines(text)}\n`);
}

/** The same for what is no result. */
export function complain({ stderr }: Pick<Terminal, 'stderr'>, text: string): void {
  stderr.write(`${harmlessLines(text)}\n`);
}

/** The configuration, for a command that a person runs: notices go to stderr. Throws `ConfigError`. */
export function readConfig(terminal: Terminal): Config {
  const { config, notices } = loadConfig({ env: terminal.env, readFile });
  for (const notice of notices) complain(terminal, `note: ${notice}`);
  return config;
}

/** The group map as it is now. Throws `ConfigError` or `GroupMapError`. */
export async function readGroupMap({ groupMap: location }: Config): Promise<GroupMap> {
  const ignore = (): void => {};
  const source = await openGroupMap({ location, onChange: ignore, onProblem: ignore, now: Date.now });
  await source.close();
  return source.status().map;
}

/** The group map of a file that was named at the command. Throws `UsageError` or `GroupMapError`. */
export function readMapFile(path: string): GroupMap {
  return parseMap(path, readNamedFile(path));
}

/** A file that was named at the command. Throws `UsageError` if it can't be read. */
export function readNamedFile(path: string): string {
  try {
    return readFile(path);
  } catch (error) {
    throw new UsageError(`${path} can't be read: ${reasonOf(error)}`);
  }
}

/** Throws `GroupMapError`, whose problems are those of the file. */
export function parseMap(path: string, text: string): GroupMap {
  try {
    return parseGroupMap(text);
  } catch (error) {
    throw error instanceof GroupMapError ? new GroupMapError(error.problems, path) : error;
  }
}

export function readFile(path: string): string {
  return readFileSync(path, 'utf8');
}

/** A line that is written over again while something takes long; silent unless a person is watching. */
export function createProgress({ stderr }: Terminal): {
  readonly show: (text: string) => void;
  readonly clear: () => void;
} {
  if (stderr.isTTY !== true) return { show: () => {}, clear: () => {} };
  return {
    show: (text) => stderr.write(`\r\u001b[K${oneLine(text)}`),
    clear: () => stderr.write('\r\u001b[K'),
  };
}
