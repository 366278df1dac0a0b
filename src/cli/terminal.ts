import { readFileSync } from 'node:fs';
import { type Config, loadConfig } from '../config/config.ts';
import { openGroupMap } from '../config/group-map-source.ts';
import type { GroupMap } from '../plan/group-map.ts';

/** What a command may use of the process it runs in. */
export type Terminal = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
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

export function print(terminal: Terminal, text: string): void {
  terminal.stdout.write(`${text}\n`);
}

/** The configuration, for a command that a person runs: notices go to stderr. Throws `ConfigError`. */
export function readConfig(terminal: Terminal): Config {
  const { config, notices } = loadConfig({ env: terminal.env, readFile });
  for (const notice of notices) terminal.stderr.write(`note: ${notice}\n`);
  return config;
}

/** The group map as it is now. Throws `ConfigError` or `GroupMapError`. */
export async function readGroupMap({ groupMap: location }: Config): Promise<GroupMap> {
  const ignore = (): void => {};
  const source = await openGroupMap({ location, onChange: ignore, onProblem: ignore, now: Date.now });
  await source.close();
  return source.status().map;
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
    show: (text) => stderr.write(`\r\u001b[K${text}`),
    clear: () => stderr.write('\r\u001b[K'),
  };
}
