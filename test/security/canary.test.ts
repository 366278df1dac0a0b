import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Canaries, formsOf, type Search, searchFor } from '../support/canary.ts';
import { type SimulatedUnderTest, startSimulated } from '../support/homeserver/simulated.ts';
import { createProvider } from '../support/provider.ts';
import { receiver } from '../support/receiver.ts';
import { oldDataDir, oldGroup, oldUser } from '../support/synapse-scim.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import { type Env, envFor } from '../support/usher.ts';
import { runUsher } from '../support/usher-command.ts';
import { startUsherProcess } from '../support/usher-process.ts';

/** Never a secret of anybody; each is told from the others, and long enough not to be there by chance. */
const CANARIES = {
  webhook: 'Canary-Webhook-7Qx3vLm9ZkTr',
  wrongToken: 'Canary-WrongToken-h4Wn8Yc2Pd',
  wrongScheme: 'Canary-BasicPassword-Jq5Rt1',
  password: 'Canary-UserPassword-8Bv6Nm0',
  urlPassword: 'Canary-UrlPassword-Xs2Ed9Cf',
  reportSecret: 'Canary-ReportSecret-Pz4Lk9Wm',
  reportPath: 'Canary-ReportPath-Fv8Bn2Qs',
  eventsSecret: 'Canary-EventsSecret-Rb6Yt1Xh-that-is-long-enough',
  queryToken: 'Canary-QueryToken-Gt7Hy4Ju1',
} as const satisfies Canaries;

/** Holds what the provider pushed, so that the provider gets it back as it was: the token in a photo's address. */
const PHOTO = { photoToken: 'Canary-PhotoToken-Mk3Lo0Pq' } as const;

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A homeserver in trouble: each answer is another fault, and all tell of the token that was sent. */
function echoing(): RequestListener {
  let count = 0;
  return ({ headers }, response) => {
    const sent = String(headers.authorization);
    const token = sent.replace('Bearer ', '');
    const escaped = [...token]
      .map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('');
    const answers: readonly (readonly [number, string])[] = [
      [403, JSON.stringify({ errcode: 'M_FORBIDDEN', error: `not with ${sent}` })],
      [403, `{"errcode":"M_FORBIDDEN","error":"${escaped}"}`],
      [403, JSON.stringify({ errcode: token, error: token })],
      [401, JSON.stringify({ errcode: 'M_UNKNOWN_TOKEN', error: sent })],
      [502, `<html>${sent}</html>`],
      [200, sent],
      [200, JSON.stringify({ user_id: token, admin: token, rooms: token })],
      [429, JSON.stringify({ errcode: 'M_LIMIT_EXCEEDED', error: sent, retry_after_ms: 1 })],
      [302, ''],
    ];
    const [status, body] = answers[count++ % answers.length] ?? [500, ''];
    response.writeHead(status, { location: `http://127.0.0.1:1/${token}` }).end(body);
  };
}

/** Requests as they should and should not be; every answer is looked through, headers too. */
async function talk(origin: string, search: Search): Promise<void> {
  const base = `${origin}/scim/v2`;
  const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
    const response = await fetch(`${origin}${path}`, init);
    const text = await response.text();
    search.look(`answer to ${init.method ?? 'GET'} ${path.slice(0, 60)}`, text);
    search.look('headers of an answer', JSON.stringify([...response.headers]));
    return text;
  };
  const headers = { authorization: `Bearer ${CANARIES.webhook}`, 'content-type': 'application/scim+json' };
  const send = (method: string, path: string, body: unknown) =>
    ask(`/scim/v2${path}`, { method, headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const basic = Buffer.from(`usher:${CANARIES.wrongScheme}`).toString('base64');
  for (const authorization of [
    `Bearer ${CANARIES.wrongToken}`,
    `Basic ${basic}`,
    CANARIES.wrongToken,
    'Bearer',
  ]) {
    await ask('/scim/v2/Users', { headers: { authorization } });
  }
  await ask(`/scim/v2/Users?access_token=${CANARIES.queryToken}`);
  await ask(`/scim/v2/Users?filter=userName+eq+"${CANARIES.queryToken}"`, { headers });
  await ask(`/metrics?token=${CANARIES.queryToken}`);
  const user = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'secretive',
    externalId: 'uid-secretive',
    password: CANARIES.password,
  };
  const { id } = JSON.parse(await send('POST', '/Users', user));
  await send('PUT', `/Users/${id}`, { ...user, PassWord: `${CANARIES.password}`, displayName: 'S' });
  const operations = [
    { op: 'replace', path: 'password', value: CANARIES.password },
    { op: 'add', value: { password: CANARIES.password } },
    { op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:password', value: CANARIES.password },
  ];
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
  for (const operation of operations) {
    await send('PATCH', `/Users/${id}`, { schemas, Operations: [operation] });
  }
  await send('POST', '/Bulk', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: [
      {
        method: 'POST',
        path: '/Users',
        bulkId: 'a',
        data: { ...user, userName: 'second', externalId: 'u2' },
      },
    ],
  });
  await send('POST', '/Users', user);
  await send('POST', '/Users', `{"password":"${CANARIES.password}", broken`);
  await send('POST', '/Users', { userName: 7, password: CANARIES.password });
  await ask(`/scim/v2/Users?filter=password+eq+"${CANARIES.password}"`, { headers });
  await ask('/scim/v2/Users?sortBy=password&attributes=password', { headers });
  for (const path of ['/Users', '/Groups', '/Schemas', '/ServiceProviderConfig', '/ResourceTypes', '/']) {
    await ask(`/scim/v2${path}`, { headers });
  }
  for (const path of ['/readyz', '/healthz', '/metrics', '/nothing']) await ask(path);
  expect(base).toContain('127.0.0.1');
}

const LOOKS: readonly (readonly string[])[] = [
  ['status'],
  ['users'],
  ['groups'],
  ['rooms'],
  ['rooms', '--live'],
  ['journal'],
  ['conflicts'],
  ['held'],
  ['plan'],
  ['explain', 'secretive'],
  ['check'],
  ['map', 'dump'],
  ['map', 'check'],
  ['version'],
  ['help'],
];

type Run = (args: readonly string[], env: Env) => Promise<{ stdout: string | Buffer; stderr: string }>;

async function command(
  args: readonly string[],
  env: Env,
  search: Search,
  run: Run = (given, settings) => usher(given, settings),
): Promise<void> {
  const { stdout, stderr } = await run(args, env);
  search.look(`stdout of ${args.join(' ')}`, stdout);
  search.look(`stderr of ${args.join(' ')}`, stderr);
}

/** A process, the commands beside it and after it, its files; with a homeserver that answers, or one in trouble. */
async function story(
  search: Search,
  homeserver: SimulatedUnderTest,
  { env: more = {}, photo, run }: { readonly env?: Env; readonly photo: string; readonly run?: Run },
): Promise<void> {
  onTestFinished(() => homeserver.close());
  const folder = tempDir();
  const posts = await receiver();
  const events = await receiver();
  const env = envFor(homeserver, folder, {
    LOG_LEVEL: 'trace',
    WEBHOOK_SECRET: CANARIES.webhook,
    EVENTS_URL: events.url,
    EVENTS_SECRET: CANARIES.eventsSecret,
    REPORT_ROOM: '#reports:usher.test',
    REPORT_WEBHOOK_URL: `${posts.url}/${CANARIES.reportPath}`,
    REPORT_WEBHOOK_SECRET: CANARIES.reportSecret,
    AVATARS: 'sync',
    MATRIX_TIMEOUT: '2s',
    ...more,
  });
  const owner = await homeserver.person('owner');
  const room = await owner.createRoom({ alias: 'canary' });
  const reports = await owner.createRoom({ alias: 'reports' });
  writeFileSync(String(env.GROUP_MAP_FILE), JSON.stringify({ 'ext-eng': [room, '#nowhere:usher.test'] }));
  const running = await startUsherProcess(env);
  await talk(running.url, search);
  const provider = createProvider(`${running.url}/scim/v2`, CANARIES.webhook);
  const ann = await provider.createUser({ userName: 'ann', photo });
  await provider.createGroup('Engineering', 'ext-eng', [ann]);
  await vi.waitFor(() => expect(running.log()).toMatch(/"changed"|everything waits/), { timeout: 20_000 });
  for (const args of LOOKS) await command(args, env, search, run);
  await command(['backup'], env, search, run);
  await provider.deleteUser(ann);
  await talk(running.url, search).catch(() => {});
  // The write-ahead log is there while it runs, and after a kill.
  search.lookInto(folder);
  await running.end('SIGKILL');
  search.lookInto(folder);
  search.look('the log', running.log());
  for (const { content } of await owner.messages(reports)) search.look('a report', JSON.stringify(content));
  for (const { headers, body } of events.taken) {
    const token = body.split('.').map((part) => Buffer.from(part, 'base64url'));
    search.look('an event', Buffer.concat([Buffer.from(`${JSON.stringify(headers)} ${body} `), ...token]));
  }
  for (const { headers, body } of posts.taken) search.look('a post', `${JSON.stringify(headers)} ${body}`);
  expect(running.log().length).toBeGreaterThan(5_000);
  await command(['apply'], env, search, run);
}

describe('a secret', { timeout: 120_000 }, () => {
  it('is in no log, answer, metric, journal, database, backup or output, in any form', async () => {
    const homeserver = await startSimulated();
    const photos = await serve((_, response) => response.writeHead(404).end(String(_.url)));
    const search = searchFor({ ...CANARIES, admin: homeserver.adminToken });
    await story(search, homeserver, { photo: `${photos}/ann.png`, run: runUsher });

    expect(search.found()).toEqual([]);
    expect(search.bytes()).toBeGreaterThan(1_000_000);
    const places = search.places().join('\n');
    for (const place of [
      'the log',
      'a report',
      'a post',
      'an event',
      'usher.db-wal',
      'usher.db',
      'backups/usher-',
      'journal',
      '/metrics',
      '/readyz',
    ])
      expect(places).toContain(place);
    expect(search.places().length).toBeGreaterThan(80);
  });

  it('is told by no homeserver that echoes it, refuses, throttles, redirects or answers nonsense', async () => {
    const admin = 'Canary-AdminToken-Zx9Cv8Bn7M';
    const search = searchFor({ ...CANARIES, admin });
    const url = await serve(echoing());
    await story(search, await startSimulated(), {
      env: { MATRIX_URL: url, MATRIX_ADMIN_TOKEN: admin },
      photo: 'http://127.0.0.1:9/a.png',
    });
    expect(search.found()).toEqual([]);
    expect(search.bytes()).toBeGreaterThan(500_000);
  });

  it('is told by no setting that is wrong, nor by a file or TLS that can not be used', async () => {
    const secret = 'Canary-Misplaced-Kq2Wd6Fg4H';
    const search = searchFor({ ...CANARIES, secret });
    const folder = tempDir();
    const homeserver = await startSimulated({ via: 'port' });
    const plain = await serve((_, response) => response.end(secret));
    const file = (name: string, content: string): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const unreadable = join(folder, 'a-folder');
    mkdirSync(unreadable);
    const wrong: readonly Env[] = [
      { WEBHOOK_SECRET: `${secret} ${secret}` },
      { WEBHOOK_SECRET: '', WEBHOOK_SECRET_FILE: file('secret', `${secret}\n${secret}`) },
      { WEBHOOK_SECRET: secret, WEBHOOK_SECRET_FILE: file('secret2', secret) },
      { WEBHOOK_SECRET: '', WEBHOOK_SECRET_FILE: secret },
      { MATRIX_ADMIN_TOKEN: '', MATRIX_ADMIN_TOKEN_FILE: unreadable },
      { MATRIX_ADMIN_TOKEN: `${secret}\t${secret}` },
      { MATRIX_ADMIN_TOKEN: `${secret}€`, MATRIX_URL: plain },
      { MATRIX_ADMIN_TOKEN: secret, MATRIX_URL: plain.replace('http:', 'https:') },
      { MATRIX_ADMIN_TOKEN: secret, MATRIX_URL: 'http://127.0.0.1:9' },
      { MATRIX_ADMIN_TOKEN: secret, MATRIX_URL: 'http://no-such-host.invalid' },
      { MATRIX_URL: `https://usher:${secret}@synapse.example` },
      { MATRIX_URL: `https:usher:${secret}@synapse.example` },
      { MATRIX_URL: `https://synapse.example/?access_token=${secret}` },
      { PUBLIC_URL: `https://usher:${secret}@usher.example` },
      { WEBHOOK_SECRET: secret, DATA_DIR: file('no-folder', '') },
      { WEBHOOK_SECRET: secret, GROUP_MAP_FILE: join(folder, 'nothing') },
      { WEBHOOK_SECRET: secret, MATRIX_CA_FILE: file('no.pem', secret) },
      { WEBHOOK_SECRET: secret, PORT: '99999' },
    ];
    const good = envFor(homeserver, folder, { LOG_LEVEL: 'trace', MATRIX_TIMEOUT: '1s' });
    writeFileSync(String(good.GROUP_MAP_FILE), '{}');
    await startUsherProcess(good).then((running) => running.end());
    for (const env of wrong) await command(['check'], { ...good, ...env }, search);
    writeFileSync(join(folder, 'data/usher.db'), 'this is no database');
    for (const args of [['check'], ['status'], ['apply'], ['backup'], ['serve']]) {
      await command(args, { ...good, WEBHOOK_SECRET: secret, MATRIX_ADMIN_TOKEN: secret }, search, runUsher);
    }
    const old = oldDataDir(folder, {
      users: { a: oldUser('ann', { password: secret }) },
      groups: { g: oldGroup('eng', 'ext-eng', ['a']) },
    });
    const data = join(folder, 'imported');
    await command(
      ['import', 'synapse-scim', old],
      { ...good, DATA_DIR: data, MATRIX_ADMIN_TOKEN: secret },
      search,
    );
    expect(search.found()).toEqual([]);
    expect(search.places().length).toBeGreaterThan(45);
    expect(search.bytes()).toBeGreaterThan(5_000);
  });

  it('in the address of a photo is nowhere but where the provider put it: in its own resource', async () => {
    const search = searchFor(PHOTO);
    const photos = await serve(({ url }, response) => response.writeHead(404).end(String(url)));
    await story(search, await startSimulated(), {
      photo: `${photos}/ann.png?token=${PHOTO.photoToken}`,
    });
    const elsewhere = search
      .found()
      .filter((where) => !/in (data\/)?.*usher.*\.db(-wal|-shm)?$|\/Users/.test(where));
    expect(elsewhere).toEqual([]);
    expect(search.found().length).toBeGreaterThan(0);
  });
});

describe('the search', () => {
  it('finds a secret in every form, at any place', () => {
    for (const [form, text] of Object.entries(formsOf(CANARIES.webhook))) {
      const search = searchFor(CANARIES);
      search.look(
        'there',
        Buffer.concat([Buffer.alloc(1000, 0), Buffer.from(text, 'latin1'), Buffer.alloc(99)]),
      );
      expect(search.found(), form).toContainEqual(expect.stringMatching(/^webhook /));
    }
    for (const offset of [0, 1, 2, 3, 4]) {
      const search = searchFor(CANARIES);
      search.look(
        'there',
        Buffer.from(`${'?'.repeat(offset)}${CANARIES.password} and more`).toString('base64'),
      );
      expect(search.found(), String(offset)).toContainEqual(expect.stringMatching(/^password base64/));
    }
  });

  it('finds it in a file of a folder below, and nothing where nothing is', () => {
    const folder = tempDir();
    mkdirSync(join(folder, 'data/backups'), { recursive: true });
    writeFileSync(join(folder, 'data/backups/x'), `a${CANARIES.password}b`);
    const search = searchFor(CANARIES);
    search.lookInto(folder);
    expect(search.found()).toContain('password plain in data/backups/x');
    const other = searchFor(CANARIES);
    other.look('there', 'nothing of that kind');
    expect([other.found(), other.bytes()]).toEqual([[], 20]);
  });
});
