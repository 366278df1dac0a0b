import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { FileNotWritten } from '../../../src/config/error.ts';
import { replaceFile } from '../../../src/config/replace-file.ts';
import { createMapDesk } from '../../../src/desk/map.ts';
import { openStore } from '../../../src/store/sqlite/open-store.ts';
import { lookAt } from '../../cli/look/stage.ts';
import { apiClient, issueToken } from '../api/client.ts';
import { startSimulated } from '../homeserver/simulated.ts';
import { tempDir } from '../temp-dir.ts';
import { usher } from '../terminal.ts';
import { startUsher } from '../usher.ts';
import { keepLog } from './logged.ts';

const BROKEN = `{
  "a": { "room": "#a:example.com", "mod": "granted" },
  "b": "general",
  "c": { "room": "#c:example.com", "mode": "additive" },
  "d": { "room": "#c:example.com", "mode": "exclusive" }
}`;
/** The map is read each second, and counts when it is the same twice. */
const SEEN = { timeout: 10_000 };

/** What is said of a map that is none, is not meant so, or can't be saved. */
export async function sayOfMap(): Promise<readonly string[]> {
  return [...(await sayOfFile()), await sayOfEdit(), ...(await sayOfSaving())];
}

async function sayOfFile(): Promise<readonly string[]> {
  const file = join(tempDir(), 'group-map.jsonc');
  writeFileSync(file, BROKEN);
  const { stderr } = await usher(['map', 'check', file]);
  writeFileSync(file, '{ "a": { "room": "#a:example.com", "mode": "additive" } }');
  const added = await usher(['map', 'add', 'b', '#a:example.com', '--mode', 'exclusive', '--file', file]);
  return [stderr, added.stderr, unwritten(), ...(await sayBeforeSaving())];
}

/** Of a file whose folder nobody can write to, as there is none; and of the setting. */
async function sayBeforeSaving(): Promise<readonly string[]> {
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  const places = [
    { kind: 'file', path: '/nowhere/group-map.jsonc' },
    { kind: 'inline', map: { rules: [] }, text: '{}' },
  ] as const;
  const desks = places.map((location) => createMapDesk({ location, serverName: 'x', store, now: Date.now }));
  return (await Promise.all(desks.map((desk) => desk.fixedBy()))).map(String);
}

function unwritten(): string {
  try {
    replaceFile('/nowhere/group-map.jsonc', '{}');
    return '';
  } catch (error) {
    if (!(error instanceof FileNotWritten)) throw error;
    return error.message;
  }
}

/** What the log says of an edit. */
async function sayOfEdit(): Promise<string> {
  const homeserver = await startSimulated({ via: 'http' });
  onTestFinished(() => homeserver.close());
  const { log, logged } = keepLog();
  const { writeMap } = await startUsher(homeserver, {}, { log });
  writeMap(BROKEN);
  await vi.waitFor(() => {
    if (!logged().includes('not taken over')) throw new Error('not yet');
  }, SEEN);
  return logged();
}

async function sayOfSaving(): Promise<readonly string[]> {
  const stage = await lookAt(() => ({ 'ext-nobody': '#eng:example.com' }));
  await stage.provider.createGroup('Engineering', 'ext-eng');
  const call = apiClient(stage.url, await stage.beside((store) => issueToken(store)));
  const { body } = await call('PUT', '/map', { text: '{}', version: 'of another time' });
  return [String(body.detail), (await stage.look('status')).stdout];
}
