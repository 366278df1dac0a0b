import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectBulk, expectError, expectList } from '../support/scim/answer-rules.ts';
import { choices } from '../support/scim/choices.ts';
import { ENTERPRISE, group, scimClient, TOKEN, user } from '../support/scim/client.ts';
import { emptied, FUZZ_TIMEOUT, fuzzed, stateOf } from '../support/scim/fuzz.ts';
import { expanded } from '../support/scim/fuzz-json.ts';
import { anyPut, anyRequest, type FuzzRequest } from '../support/scim/fuzz-requests.ts';
import { type RawAnswer, type RawSend, rawClient } from '../support/scim/raw-client.ts';
import { LIMITS, OTHER_TOKEN, type ScimServer, startScimServer } from '../support/scim/server.ts';

const OWN = { Authorization: `Bearer ${TOKEN}` };
const JSON_BODY = { 'Content-Type': 'application/scim+json' };
const PROTOTYPE = Object.getOwnPropertyNames(Object.prototype);

let server: ScimServer;
let client: ReturnType<typeof rawClient>;
beforeAll(async () => {
  server = await startScimServer({ limits: { ...LIMITS, maxBodyBytes: 100_000 } });
  client = rawClient(server);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

/** Resolves with a client that knows the ids of those who are there. */
async function populated(): Promise<RawSend> {
  await emptied(server.store);
  const own = scimClient(server);
  const created = async (send: typeof own, path: string, body: object): Promise<string> =>
    (await send('POST', path, body)).body.id;
  const emails = [{ type: 'work', value: 'ann@work.example', primary: true }, { value: 'ann@home.example' }];
  const rest = {
    name: { givenName: 'Ann' },
    externalId: 'e1',
    emails,
    [ENTERPRISE]: { employeeNumber: '7' },
  };
  const ann = await created(own, '/Users', user('ann', rest));
  const bob = await created(own, '/Users', user('bob', { active: false }));
  const inner = await created(own, '/Groups', group('inner', { members: [{ value: bob }] }));
  const members = [ann, inner, 'nobody'].map((value) => ({ value }));
  const staff = await created(own, '/Groups', group('staff', { externalId: 'g1', members }));
  const foreign = await created(scimClient(server, OTHER_TOKEN), '/Users', user('foreign'));
  const ids: Readonly<Record<string, string>> = { ann, bob, inner, staff, foreign };
  const filled = (text: string) =>
    expanded(text).replaceAll(/(?:\{|%7B)([a-z]+)(?:\}|%7D)/g, (mark, name: string) => ids[name] ?? mark);
  const filledAll = (headers: FuzzRequest['headers']) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, filled(value)]));
  return ({ method, path, query, headers, body }) =>
    client.send({
      method,
      path: filled(path),
      query: filled(query),
      headers: filledAll(headers),
      body: body === undefined ? undefined : filled(body),
    });
}

const WRITES = choices('POST|PUT|PATCH|DELETE');
const KNOWN = [...WRITES, ...choices('GET|HEAD|OPTIONS')];

/** Sends the request, and expects of the answer what has to hold for any. Resolves with its kind. */
async function expectAnswer(send: RawSend, request: FuzzRequest): Promise<string> {
  const before = await stateOf(server.store);
  const wakes = server.wakes();

  const answer = await send(request);

  const isRead = !WRITES.includes(request.method) || request.path.endsWith('.search');
  if (answer.status >= 400) expectRefusal(request, answer);
  if (answer.status >= 400 || isRead) {
    expect(await stateOf(server.store)).toEqual(before);
    expect(server.wakes()).toBe(wakes);
  }
  if (answer.status < 300 && answer.text !== '') await expectBody(send, request, answer);
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(PROTOTYPE);
  return [answer.status, answer.json?.scimType ?? []].flat().join(' ');
}

function expectRefusal({ method, path }: FuzzRequest, { status, headers, text, json }: RawAnswer): void {
  const isOffered = KNOWN.includes(method) && !/Me|Bulk/.test(path);
  if (status >= 500) expect({ status, isOffered }).toEqual({ status: 501, isOffered: false });
  expect(headers['content-type']).toBe('application/scim+json');
  if (method === 'HEAD') expect(text).toBe('');
  else expectError(json, status);
}

async function expectBody(send: RawSend, request: FuzzRequest, answer: RawAnswer): Promise<void> {
  const { status, json } = answer;
  expect(answer.headers['content-type']).toBe('application/scim+json');
  expect(json.schemas).toEqual(expect.arrayContaining([expect.any(String)]));
  if ('Resources' in json) return expectList(json);
  if (request.path === '/Bulk') return expectBulk(json);
  const [, endpoint = ''] = request.path.split('/');
  if (!['Users', 'Groups'].includes(endpoint)) return;
  const at = `/${endpoint}/${json.id}`;
  expect(json.id).toEqual(expect.any(String));
  if (json.meta?.location !== undefined) expect(json.meta.location).toMatch(new RegExp(`/scim/v2${at}$`));
  if (status === 201) expect(answer.headers.location).toMatch(new RegExp(`/scim/v2${at}$`));
  const { 'If-Match': _, 'If-None-Match': __, 'Content-Encoding': ___, ...headers } = request.headers;
  const again = { ...request, headers, path: at };
  expect((await send({ ...again, method: 'GET', body: undefined })).json).toEqual(json);
  // What is shown can be sent back, and is what is there; an absent `active` becomes true.
  if (request.query !== '' || (endpoint === 'Users' && !('active' in json))) return;
  const returned = await send({
    ...again,
    method: 'PUT',
    headers: { ...headers, ...JSON_BODY },
    body: answer.text,
  });
  expect({ status: returned.status, ...untimed(returned.json) }).toEqual({ status: 200, ...untimed(json) });
}

/** Without the times of writing: also what changes nothing is a write. */
function untimed(value: object): object {
  return JSON.parse(JSON.stringify(value), (key, part) => (key === 'lastModified' ? undefined : part));
}

/** What was stored can be read by all who read it, and users and groups say the same of who is in what. */
async function expectReadable(send: RawSend): Promise<void> {
  const read = async (path: string, query: string) => {
    const answer = await send({ method: 'GET', path, query, headers: OWN, body: undefined });
    expect(answer.status).toBe(200);
    expectList(answer.json);
    return answer.json.Resources;
  };
  for (const query of choices(
    '?filter=meta.created+pr&attributes=id,name.givenName|?filter=externalId+gt+""',
  )) {
    await read('/Users', query);
    await read('/Groups', query);
  }
  expectConsistent(await read('/Users', ''), await read('/Groups', ''));
}

type Member = { readonly value: string; readonly type?: 'User' | 'Group' | 'direct' | 'indirect' };
type Shown = { readonly id: string; readonly groups: readonly Member[]; readonly members: readonly Member[] };

function expectConsistent(users: readonly Shown[], groups: readonly Shown[]): void {
  const pairsOfUsers = users.flatMap(({ id, groups }) =>
    groups.filter(({ type }) => type === 'direct').map(({ value }) => `${id} in ${value}`),
  );
  const membersOf = (kind: Member['type']) =>
    groups.flatMap(({ id, members }) =>
      members.filter(({ type }) => type === kind).map(({ value }) => ({ value, group: id })),
    );
  const pairsOfGroups = membersOf('User').map(({ value, group }) => `${value} in ${group}`);
  expect(pairsOfUsers.toSorted()).toEqual(pairsOfGroups.toSorted());
  const nested = membersOf('Group').map(({ value }) => value);
  expect(groups.map(({ id }) => id)).toEqual(expect.arrayContaining(nested));
}

describe('whatever is sent', () => {
  it(
    'is answered soon and by the book, and changes nothing where it is refused',
    async () => {
      const seen = new Set<string>();
      const requests = fc.array(anyRequest, { minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(requests, async (sent) => {
          const send = await populated();
          for (const request of sent) seen.add(await expectAnswer(send, request));
          await expectReadable(send);
        }),
        fuzzed(100),
      );
      const kinds = choices(
        '200|201|204|401|404|409 uniqueness|400 invalidPath|400 invalidSyntax|400 invalidValue',
      );
      expect([...seen]).toEqual(expect.arrayContaining(kinds));
    },
    FUZZ_TIMEOUT,
  );

  it(
    'by PUT, makes no difference the second time',
    async () => {
      let taken = 0;
      await fc.assert(
        fc.asyncProperty(anyPut, async (put) => {
          const send = await populated();
          const { status, json } = await send(put);
          const state = await stateOf(server.store);

          const again = await send(put);

          expect({ status: again.status, ...untimed(again.json) }).toEqual({ status, ...untimed(json) });
          expect(untimed(await stateOf(server.store))).toEqual(untimed(state));
          if (status === 200) taken += 1;
        }),
        fuzzed(100),
      );
      expect(taken).toBeGreaterThan(10);
    },
    FUZZ_TIMEOUT,
  );
});
