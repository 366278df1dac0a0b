/**
 * What one SCIM request costs, whatever the size of the group; and what Usher weighs at rest.
 * Usage: npm run bench. Prints medians of requests on one keep-alive connection, each durably committed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { SourceId } from '../src/directory/resource.ts';
import { PATCH_OP } from '../src/scim/urns.ts';
import { openStore } from '../src/store/sqlite/open-store.ts';

const ROUNDS = 300;
const SIZES = [5, 50, 5_000, 50_000];
const SECRET = 'a-secret-of-the-benchmark';
const SOURCE = 'default' as SourceId;

type Fixture = { readonly groups: ReadonlyMap<number, string>; readonly newcomers: readonly string[] };

/** Groups of each size, and people who are in none of them. */
async function fill(dataDir: string): Promise<Fixture> {
  const store = openStore(dataDir);
  const people: string[] = [];
  for (let index = 0; index < Math.max(...SIZES) + ROUNDS; index += 1) {
    const userName = `user${index}`;
    const { id } = await store.users.create(SOURCE, { userName, externalId: `uid-${index}` }, Date.now());
    people.push(id);
  }
  const groups = new Map<number, string>();
  for (const size of SIZES) {
    const group = {
      attributes: { displayName: `group of ${size}` },
      members: people.slice(ROUNDS, ROUNDS + size),
    };
    groups.set(size, (await store.groups.create(SOURCE, group, Date.now())).id);
  }
  await store.close();
  return { groups, newcomers: people.slice(0, ROUNDS) };
}

/** Usher as a process of its own; its homeserver does not answer, as in an outage. */
async function start(dataDir: string) {
  const env = {
    PATH: process.env.PATH,
    WEBHOOK_SECRET: SECRET,
    MATRIX_URL: 'http://127.0.0.1:9',
    MATRIX_SERVER_NAME: 'example.com',
    MATRIX_ADMIN_USER_ID: '@usher:example.com',
    MATRIX_ADMIN_TOKEN: 'syt_none',
    IDP_NAME: 'oidc-idp',
    IDP_GROUP_TO_ROOM: '{}',
    DATA_DIR: dataDir,
    HOST: '127.0.0.1',
    PORT: '0',
  };
  const main = join(import.meta.dirname, '../src/usher.js');
  const child = spawn(process.execPath, [main, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const url = await new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const found = /"url":"([^"]+)"/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { url, stop, megabytes: () => residentMegabytes(child.pid) };
}

function residentMegabytes(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

async function patch(url: string, body: object): Promise<number> {
  const sent = JSON.stringify(body);
  const begin = performance.now();
  const outgoing = request(url, {
    agent,
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${SECRET}`,
      'content-type': 'application/scim+json',
      'content-length': Buffer.byteLength(sent),
    },
  });
  outgoing.end(sent);
  const [answer] = await once(outgoing, 'response');
  if (answer.statusCode === 200) await json(answer);
  else answer.resume();
  if (answer.statusCode >= 300) throw new Error(`answered ${answer.statusCode}`);
  return performance.now() - begin;
}

function median(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor(sorted.length / 2)] ?? Number.NaN).toFixed(2);
}

const dataDir = mkdtempSync(join(tmpdir(), 'usher-bench-'));
try {
  const { groups, newcomers } = await fill(dataDir);
  const usher = await start(dataDir);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(`at rest, ${newcomers.length + Math.max(...SIZES)} users: ${usher.megabytes()} MB`);
  say('PATCH of one member, median of 300, ms');
  say('members     add  remove');
  for (const [size, group] of groups) {
    const url = `${usher.url}/scim/v2/Groups/${group}`;
    const [added, removed]: [number[], number[]] = [[], []];
    for (const value of newcomers) {
      added.push(
        await patch(url, {
          schemas: [PATCH_OP],
          Operations: [{ op: 'add', path: 'members', value: [{ value }] }],
        }),
      );
      removed.push(
        await patch(url, {
          schemas: [PATCH_OP],
          Operations: [{ op: 'remove', path: `members[value eq "${value}"]` }],
        }),
      );
    }
    say(`${String(size).padStart(7)}  ${median(added).padStart(6)}  ${median(removed).padStart(6)}`);
  }
  say(`afterwards: ${usher.megabytes()} MB`);
  await usher.stop();
} finally {
  agent.destroy();
  rmSync(dataDir, { recursive: true, force: true });
}
