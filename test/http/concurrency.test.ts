import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Answer, group, patch, type Send, scimClient, user } from '../support/scim/client.ts';
import { listOf, pick, type Random, randomFrom } from '../support/scim/random.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

vi.setConfig({ testTimeout: 30_000 });

const CLIENTS = 50;
const MANY = 2_100;

let server: ScimServer;
let send: Send;
beforeEach(async () => {
  server = await startScimServer();
  send = scimClient(server);
});
afterEach(() => server.stop());

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const asMembers = (values: readonly string[]) => values.map((value) => ({ value }));
const versionOf = ({ headers }: Pick<Answer, 'headers'>) =>
  Number(/^W\/"(\d+)/.exec(headers.get('etag') ?? '')?.[1]);
const valuesIn = (members: readonly { value: string }[]) => members.map(({ value }) => value).sort();
const membersOf = async (id: string) => valuesIn((await send('GET', `/Groups/${id}`)).body.members);

/** Each of the clients does its own, all at once. */
function all<T>(act: (client: number) => Promise<T>, clients = CLIENTS): Promise<T[]> {
  return Promise.all(Array.from({ length: clients }, (_, client) => act(client)));
}

type GroupState = { readonly name: string; readonly members: ReadonlySet<string> };

type Write = {
  readonly method: 'PUT' | 'PATCH';
  readonly body: object;
  /** What it makes of a group, if nothing comes in between. */
  readonly apply: (state: GroupState) => GroupState;
};

/** A write that was answered, with the version that it was said to lead to. `began` and `ended` are turns of one clock. */
type Acknowledged = Write & { readonly version: number; readonly began: number; readonly ended: number };

function replacement(name: string, values: readonly string[]): Write {
  return {
    method: 'PUT',
    body: group(name, { members: asMembers(values) }),
    apply: () => ({ name, members: new Set(values) }),
  };
}

function addition(values: readonly string[]): Write {
  return {
    method: 'PATCH',
    body: patch({ op: 'add', path: 'members', value: asMembers(values) }),
    apply: ({ name, members }) => ({ name, members: members.union(new Set(values)) }),
  };
}

function removal(values: readonly string[]): Write {
  return {
    method: 'PATCH',
    body: patch({ op: 'remove', path: 'members', value: asMembers(values) }),
    apply: ({ name, members }) => ({ name, members: members.difference(new Set(values)) }),
  };
}

function renaming(name: string): Write {
  return {
    method: 'PATCH',
    body: patch({ op: 'replace', path: 'displayName', value: name }),
    apply: ({ members }) => ({ name, members }),
  };
}

function anyWrite(random: Random, large: readonly string[]): Write {
  const some = () => [pick(random, POOL), ...listOf(random, 3, () => pick(random, POOL))];
  const name = `name ${Math.floor(random() * 1e9)}`;
  const choice = random();
  if (choice < 0.3) return addition(some());
  if (choice < 0.6) return removal(some());
  if (choice < 0.75) return renaming(name);
  if (choice < 0.85) return replacement(name, some());
  const values = [...large.slice(Math.floor(random() * 500)), ...some()];
  if (choice < 0.9) return replacement(name, values);
  return choice < 0.95 ? addition(values) : removal(values);
}

const POOL = numbered('p', 40);

const isSame = (one: GroupState, other: GroupState) =>
  one.name === other.name && one.members.symmetricDifference(other.members).size === 0;

/**
 * The state after all writes, in the order of the versions that they led to. Throws unless each version has one write
 * that made it, and the other writes that were answered with it change nothing.
 */
function replayed(start: GroupState, writes: readonly Acknowledged[]): GroupState {
  const byVersion = Map.groupBy(writes, ({ version }) => version);
  let state = start;
  for (const version of [...byVersion.keys()].sort((left, right) => left - right)) {
    const answered = byVersion.get(version) ?? [];
    const next = answered
      .map(({ apply }) => apply(state))
      .filter((made) => version === 1 || !isSame(made, state))
      .find((made) => answered.every(({ apply }) => isSame(apply(made), made)));
    if (next === undefined) throw new Error(`no order of the writes explains version ${version}`);
    state = next;
  }
  return state;
}

describe('parallel writers to one group', () => {
  it('are put in one order, which the versions tell and nothing contradicts', async () => {
    const first = await send('POST', '/Groups', group('first'));
    const { id } = first.body;
    const large = numbered('large', MANY);
    const writes: Acknowledged[] = [];
    let clock = 0;
    const write = async (sent: Write, headers: Record<string, string>) => {
      clock += 1;
      const began = clock;
      const answer = await send(sent.method, `/Groups/${id}`, sent.body, headers);
      clock += 1;
      if (answer.status !== 412) writes.push({ ...sent, version: versionOf(answer), began, ended: clock });
      return answer;
    };

    const statuses = await all(async (client) => {
      const random = randomFrom(client + 1);
      const seen: number[] = [];
      let tag = first.headers.get('etag') ?? '';
      for (let turn = 0; turn < 5; turn += 1) {
        const answer = await write(anyWrite(random, large), random() < 0.2 ? { 'If-Match': tag } : {});
        tag = answer.headers.get('etag') ?? tag;
        seen.push(answer.status);
      }
      return seen;
    });

    const { body, headers } = await send('GET', `/Groups/${id}`);
    const latest = Math.max(...writes.map(({ version }) => version));
    const versions = new Set([1, ...writes.map(({ version }) => version)]);
    const end = replayed({ name: 'first', members: new Set() }, writes);
    expect(new Set(statuses.flat())).toEqual(new Set([200, 204, 412]));
    expect(writes.filter(({ body }) => JSON.stringify(body).length > 10_000).length).toBeGreaterThan(9);
    expect(versions.size).toBe(latest);
    expect(versionOf({ headers })).toBe(latest);
    expect(body.displayName).toBe(end.name);
    expect(valuesIn(body.members)).toEqual([...end.members].sort());
    for (const one of writes) {
      const later = writes.filter(({ began }) => began > one.ended);
      expect(later.every(({ version }) => version >= one.version)).toBe(true);
    }
  });

  it('lose nobody who was added or claimed, and keep nobody who was removed or deleted', async () => {
    const ballast = numbered('ballast', MANY);
    const shared = (await send('POST', '/Groups', group('shared', { members: asMembers(ballast) }))).body.id;
    const path = `/Groups/${shared}`;

    const comeAndGo = async () => {
      const crowd = numbered('crowd', 1_500);
      for (const write of [addition(crowd), removal(crowd), addition(crowd), removal(crowd)]) {
        expect((await send('PATCH', path, write.body)).status).toBe(204);
      }
    };

    const employ = async (client: number) => {
      const named = (what: string) => `${what} of ${client}`;
      const [kept, dropped, leaver] = [named('kept'), named('dropped'), named('leaver')];
      const [early, late] = [named('early'), named('late')];
      const add = (...values: string[]) =>
        send('PATCH', path, patch({ op: 'add', path: 'members', value: asMembers(values) }));
      const hire = async (externalId: string) =>
        (await send('POST', '/Users', user(externalId, { externalId }))).body.id;

      await add(kept, dropped, early);
      const own = group(`own ${client}`, { members: asMembers([late, leaver]) });
      const [earlyId, lateId, created] = await Promise.all([
        hire(early),
        hire(late),
        send('POST', '/Groups', own),
        add(late),
      ]);
      const leaverId = await hire(leaver);
      await Promise.all([add(leaver), send('PATCH', path, removal([dropped]).body)]);
      expect((await send('DELETE', `/Users/${leaverId}`)).status).toBe(204);
      expect(await membersOf(created.body.id)).toEqual([lateId]);
      return [kept, earlyId, lateId];
    };

    const [expected] = await Promise.all([all(employ), comeAndGo()]);

    expect(await membersOf(shared)).toEqual([...ballast, ...expected.flat()].sort());
    const [, someone] = expected[7] ?? [];
    expect((await send('GET', `/Users/${someone}`)).body.groups).toMatchObject([{ value: shared }]);
  });

  it('do not overwrite what they have not seen, when they say what they have', async () => {
    const { id } = (
      await send('POST', '/Groups', group('list', { members: asMembers(numbered('old', MANY)) }))
    ).body;
    const put = async (own: string): Promise<void> => {
      const { body, headers } = await send('GET', `/Groups/${id}`);
      const members = [...body.members, { value: own }];
      const ifMatch = { 'If-Match': headers.get('etag') ?? '' };
      const answer = await send('PUT', `/Groups/${id}`, group('list', { members }), ifMatch);
      if (answer.status === 412) return put(own);
      expect(versionOf(answer)).toBe(versionOf({ headers }) + 1);
    };

    await all((client) => put(`own-${client}`), 8);

    expect(await membersOf(id)).toEqual([...numbered('old', MANY), ...numbered('own', 8)].sort());
    expect(versionOf(await send('GET', `/Groups/${id}`))).toBe(9);
  });
});

describe('parallel writers to one user', () => {
  it('keep what each of them wrote, and count each change once', async () => {
    const { id } = (await send('POST', '/Users', user('ann'))).body;
    const write = (client: number, value: string) =>
      send(
        'PATCH',
        `/Users/${id}`,
        patch({ op: 'replace', path: `emails[type eq "of ${client}"].value`, value }),
      );

    const versions = await all(async (client) => [
      versionOf(await write(client, 'first@example.com')),
      versionOf(await write(client, `last-${client}@example.com`)),
      versionOf(await write(client, `last-${client}@example.com`)),
    ]);

    const { body } = await send('GET', `/Users/${id}`);
    const emails = new Map(body.emails.map(({ type, value }: Record<string, string>) => [type, value]));
    expect(emails.size).toBe(CLIENTS);
    for (const client of versions.keys())
      expect(emails.get(`of ${client}`)).toBe(`last-${client}@example.com`);
    const changes = versions.flatMap((each) => each.slice(0, 2));
    expect(new Set(changes).size).toBe(2 * CLIENTS);
    expect(Math.max(...versions.flat())).toBe(1 + 2 * CLIENTS);
    for (const [first = 0, last = 0, again = 0] of versions) {
      expect(first).toBeLessThan(last);
      expect(again).toBeGreaterThanOrEqual(last);
    }
  });

  it('count together without a slip, when each says what it has read', async () => {
    const { id } = (await send('POST', '/Users', user('counter', { title: '0' }))).body;
    const increment = async (): Promise<number> => {
      const { body, headers } = await send('GET', `/Users/${id}`);
      const title = String(Number(body.title) + 1);
      const ifMatch = { 'If-Match': headers.get('etag') ?? '' };
      const answer = await send('PUT', `/Users/${id}`, user('counter', { title }), ifMatch);
      if (answer.status === 412) return increment();
      expect(versionOf(answer)).toBe(versionOf({ headers }) + 1);
      return versionOf(answer);
    };

    const versions = await all(increment);

    const end = await send('GET', `/Users/${id}`);
    expect(end.body.title).toBe(String(CLIENTS));
    expect(versions.sort((left, right) => left - right)).toEqual(
      Array.from({ length: CLIENTS }, (_, index) => index + 2),
    );
    expect(versionOf(end)).toBe(CLIENTS + 1);
  });

  it.each([
    ['/Users', (client: number) => user('Wanted', { title: `${client}` })],
    [
      '/Groups',
      (client: number) =>
        group(client % 2 ? 'Wanted' : 'WANTED', { members: asMembers(numbered('m', client % 9 ? 2 : MANY)) }),
    ],
  ])('are given a name once: %s', async (path, resource) => {
    const answers = await all((client) => send('POST', path, resource(client)));

    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(CLIENTS - 1).fill(409)]);
    expect((await send('GET', path)).body.totalResults).toBe(1);
  });
});

describe('readers of a group that is replaced all the time', () => {
  it('see the one list or the other, and never some of both', async () => {
    const both = 'in-both';
    const list = (name: string) => ({ name, members: [both, ...numbered(name, 4_999)].sort() });
    const [a, b] = [list('a'), list('b')];
    const { id } = (await send('POST', '/Groups', group(a.name, { members: asMembers(a.members) }))).body;
    const seen = new Set<string>();
    let isOver = false;
    const look = async (path: string) => {
      const { body } = await send('GET', path);
      for (const found of body.Resources ?? [body]) {
        expect(valuesIn(found.members)).toEqual((found.displayName === 'a' ? a : b).members);
        seen.add(`${found.displayName} of ${path.split('?')[0]}`);
      }
    };
    const reader = async (path: string) => {
      while (!isOver) await look(path);
    };
    const writer = async () => {
      for (const { name, members } of [b, a, b]) {
        const { status } = await send('PUT', `/Groups/${id}`, group(name, { members: asMembers(members) }));
        expect(status).toBe(200);
      }
      isOver = true;
    };

    await Promise.all([
      writer(),
      reader(`/Groups/${id}`),
      reader(`/Groups/${id}`),
      reader(`/Groups?filter=members.value eq "${both}"`),
      reader(`/Groups?filter=members.value eq "a-7"`),
      reader(`/Groups?filter=displayName eq "b" and members.value eq "b-7"`),
    ]);

    expect([...seen].sort()).toEqual(
      [`a of /Groups`, `a of /Groups/${id}`, `b of /Groups`, `b of /Groups/${id}`].sort(),
    );
    expect(await membersOf(id)).toEqual(b.members);
  });
});
