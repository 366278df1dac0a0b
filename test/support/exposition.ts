import { writeFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { startSimulated } from './homeserver/simulated.ts';
import { createProvider } from './provider.ts';
import { tempDir } from './temp-dir.ts';
import { envFor, SECRET } from './usher.ts';
import { startUsherProcess } from './usher-process.ts';

export type Family = {
  readonly type: string;
  readonly help: string;
  /** Of all its series, without `le` of buckets. */
  readonly labels: ReadonlySet<string>;
  /** Names of its series: of a histogram three. */
  readonly series: ReadonlySet<string>;
  /** The values of each label. */
  readonly values: ReadonlyMap<string, ReadonlySet<string>>;
};

/** Reads the text that Prometheus scrapes: what is there, by the name of the family. */
function parseExposition(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, ReturnType<typeof emptyFamily>>();
  let family = emptyFamily('');
  for (const line of text.split('\n')) {
    const [, help, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (help === 'HELP') {
      family = emptyFamily(rest);
      families.set(name, family);
    } else if (help === 'TYPE') family.type = rest;
    else if (line !== '') addSeries(family, line);
  }
  return families;
}

function emptyFamily(help: string) {
  const values = new Map<string, Set<string>>();
  return { type: '', help, labels: new Set<string>(), series: new Set<string>(), values };
}

function addSeries(family: ReturnType<typeof emptyFamily>, line: string): void {
  const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`no line of a metric: ${line}`);
  family.series.add(name);
  for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
    if (label === 'le') continue;
    family.labels.add(label);
    family.values.set(label, (family.values.get(label) ?? new Set()).add(value));
  }
}

/** What a real `usher serve` exposes once somebody was pushed to it, and somebody came with a wrong token. */
export async function exposedByUsher(): Promise<ReadonlyMap<string, Family>> {
  const homeserver = await startSimulated();
  onTestFinished(() => homeserver.close());
  const env = envFor(homeserver, tempDir(), { LOG_LEVEL: 'info' });
  writeFileSync(String(env.GROUP_MAP_FILE), '{}');
  const running = await startUsherProcess(env);
  await createProvider(`${running.url}/scim/v2`, SECRET).createUser({ userName: 'ann' });
  await fetch(`${running.url}/scim/v2/Users`);
  const text = await (await fetch(`${running.url}/metrics`)).text();
  await running.end();
  return parseExposition(text);
}
