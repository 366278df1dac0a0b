import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ENTERPRISE,
  GROUP,
  group,
  patch,
  type Send,
  scimClient,
  TOKEN,
  USER,
  user,
} from '../support/scim/client.ts';
import { LIMITS, type ScimServer, startScimServer } from '../support/scim/server.ts';

/** What the other files of this folder found, each as small as it gets. */
const LIMIT = 100_000;

const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

let server: ScimServer;
let send: Send;
beforeAll(async () => {
  server = await startScimServer({ limits: { ...LIMITS, maxBodyBytes: LIMIT } });
  send = scimClient(server);
});
afterAll(() => server.stop());

let count = 0;

/** Makes a user, changes her, and gives what is shown then. */
async function patched(rest: object, ...operations: object[]) {
  count += 1;
  const { body: made } = await send('POST', '/Users', user(`user-${count}`, rest));
  return send('PATCH', `/Users/${made.id}`, patch(...operations));
}

describe('a body', () => {
  it.each(['gzip', 'deflate', 'br'])('that cannot be unpacked is no JSON: %s', async (encoding) => {
    const { status, body } = await send('POST', '/Users', 'garbage', { 'Content-Encoding': encoding });
    expect({ status, scimType: body.scimType }).toEqual({ status: 400, scimType: 'invalidSyntax' });
  });

  it.each<[string, number, Record<string, string>]>([
    ['is too large in chunks', 413, { 'Transfer-Encoding': 'chunked' }],
    ['cannot be unpacked', 400, { 'Content-Encoding': 'deflate' }],
  ])('that %s leaves its connection to the next request', async (_, status, headers) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const over = (method: string, more: Record<string, string>, text: string) =>
      statusOver(agent, method, { Authorization: `Bearer ${TOKEN}`, ...more }, text);

    const refused = await over(
      'POST',
      { 'Content-Type': 'application/json', ...headers },
      'x'.repeat(10 * LIMIT),
    );
    const next = await over('GET', {}, '');

    agent.destroy();
    expect([refused, next]).toEqual([status, 200]);
  });

  it.each<[string, object]>([
    ['schemas', { schemas: [{ toString: 'x' }], Operations: [] }],
    ['an op', patch({ op: { toString: 'x' }, path: 'title', value: 'x' })],
    ['a path', patch({ op: 'add', path: { toString: 'x' }, value: 'x' })],
  ])('may have an object for %s', async (_, body) => {
    const { body: ann } = await send('POST', '/Users', user('ann'));
    const { status } = await send('PATCH', `/Users/${ann.id}`, body);
    await send('DELETE', `/Users/${ann.id}`);
    expect(status).toBeLessThan(500);
  });

  it.each<[string, object]>([
    ['schemas', { schemas: [{ toString: 'x' }] }],
    ['a method', { schemas: [BULK], Operations: [{ method: { toString: 'x' }, path: '/Users' }] }],
    ['a path', { schemas: [BULK], Operations: [{ method: 'DELETE', path: { toString: 'x' } }] }],
  ])('of Bulk may have an object for %s', async (_, body) => {
    const { status } = await send('POST', '/Bulk', body);
    expect(status).not.toBe(500);
  });

  it.each(['/Users/.search', '/.search'])('may have as a number what is none: %s', async (path) => {
    const { status, body } = await send('POST', path, { startIndex: { toString: 0, valueOf: 0 } });
    expect({ status, scimType: body.scimType }).toEqual({ status: 400, scimType: 'invalidValue' });
  });

  it.each(['-0', '1E3'])('has the same in it the second time: %s', async (number) => {
    const { body: ann } = await send('POST', '/Users', user('ann'));
    const text = `{"schemas":["${USER}"],"userName":"ann","custom":${number}}`;
    const { body: first } = await send('PUT', `/Users/${ann.id}`, text);
    const { body: second } = await send('PUT', `/Users/${ann.id}`, text);
    await send('DELETE', `/Users/${ann.id}`);
    expect(second.meta.version).toBe(first.meta.version);
  });
});

describe('a member', () => {
  it('is refused, or the same the second time, if it is half a character', async () => {
    const { body: staff } = await send('POST', '/Groups', group('half'));
    const text = `{"schemas":["${GROUP}"],"displayName":"half","members":[{"value":"\\ud800"}]}`;
    const { body: first } = await send('PUT', `/Groups/${staff.id}`, text);
    const { body: second } = await send('PUT', `/Groups/${staff.id}`, text);
    expect(second).toEqual(first);
  });
});

describe('a PATCH', () => {
  const work = { type: 'work', value: 'w', primary: true };
  const home = { type: 'home', value: 'h' };
  const away = { type: 'home', value: 'a' };

  it.each<[string, object]>([
    ['replaced as a list', { op: 'replace', path: 'emails', value: [work, { ...home, primary: true }] }],
    [
      'added at once',
      {
        op: 'add',
        path: 'emails',
        value: [
          { value: 'x', primary: true },
          { value: 'y', primary: true },
        ],
      },
    ],
    ['chosen by a filter', { op: 'replace', path: 'emails[type eq "home"].primary', value: true }],
    ['all there are', { op: 'replace', path: 'emails.primary', value: true }],
  ])('leaves one value primary of those that are %s (RFC 7643 §2.4)', async (_, operation) => {
    const { body } = await patched({ emails: [work, home, away] }, operation);
    expect(body.emails.filter(({ primary }: { primary?: boolean }) => primary)).toHaveLength(1);
  });

  it.each<[string, object]>([
    ['of an attribute', { op: 'replace', path: 'name', value: { givenName: null } }],
    ['without a path', { op: 'replace', value: { name: { givenName: null } } }],
  ])('takes away the part that is replaced by null, %s (RFC 7643 §2.5)', async (_, operation) => {
    const { body } = await patched({ name: { givenName: 'A', familyName: 'B' } }, operation);
    expect(body.name).toEqual({ familyName: 'B' });
  });

  it.each<[string, object]>([
    ['through its extension', { op: 'replace', path: ENTERPRISE, value: { manager: { value: '2' } } }],
    ['without a path', { op: 'replace', value: { [ENTERPRISE]: { manager: { value: '2' } } } }],
  ])('keeps the parts of a manager that are not sent, %s (RFC 7644 §3.5.2.3)', async (_, operation) => {
    const { body } = await patched(
      { [ENTERPRISE]: { manager: { value: '1', $ref: '../Users/1' } } },
      operation,
    );
    expect(body[ENTERPRISE].manager).toEqual({ value: '2', $ref: '../Users/1' });
  });

  it('makes the value that a filter describes, also to replace it whole', async () => {
    const { body } = await patched(
      {},
      { op: 'replace', path: 'emails[type eq "work"]', value: { value: 'w' } },
    );
    expect(body.emails).toEqual([{ type: 'work', value: 'w' }]);
  });

  it('makes no value of a filter that none meets', async () => {
    const path = 'emails[type eq "work" and type eq "home"].value';
    const { body } = await patched({}, { op: 'add', path, value: 'x' });
    expect(body.scimType).toBe('noTarget');
  });

  it.each(['emails.value', 'emails[value eq "x"].value'])(
    'leaves no value with nothing in it: %s',
    async (path) => {
      const { body } = await patched({ emails: [{ value: 'x' }] }, { op: 'remove', path });
      expect(body).not.toHaveProperty('emails');
    },
  );

  it.each<[string, object]>([
    ['replaces', { op: 'replace', path: 'members.display', value: 'x' }],
    ['replaces, without a path,', { op: 'replace', value: { 'members.display': 'x' } }],
    ['removes', { op: 'remove', path: 'members.display' }],
    ['removes, of one,', { op: 'remove', path: 'members[value eq "m"].display' }],
  ])('that %s a part of members removes none of them', async (_, operation) => {
    const members = [{ value: 'm' }, { value: 'n' }];
    const { body: staff } = await send('POST', '/Groups', group('kept', { members }));
    await send('PATCH', `/Groups/${staff.id}`, patch(operation));
    const { body } = await send('GET', `/Groups/${staff.id}`);
    await send('DELETE', `/Groups/${staff.id}`);
    expect(body.members).toEqual(members);
  });

  it.each(['displayName', 'externalId', 'password', `${ENTERPRISE}:employeeNumber`])(
    'has no path to a part of what has none: %s',
    async (attribute) => {
      const { body } = await patched({}, { op: 'add', path: `${attribute}.part`, value: 'x' });
      expect(body.scimType).toBe('invalidPath');
    },
  );

  it('removes a member whatever the case of its names', async () => {
    const { body: staff } = await send('POST', '/Groups', group('staff', { members: [{ value: 'm' }] }));
    const { body } = await send(
      'PATCH',
      `/Groups/${staff.id}`,
      patch({ op: 'remove', path: 'members', value: [{ VALUE: 'm' }] }),
    );
    expect(body).toMatchObject({ displayName: 'staff', members: [] });
  });
});

describe('a filter', () => {
  it('finds no name where each part of it is empty (RFC 7644 §3.4.2.2, pr)', async () => {
    await send('POST', '/Users', user('nameless', { name: { givenName: '' }, emails: [{ value: '' }] }));
    for (const attribute of ['name', 'emails']) {
      const filter = encodeURIComponent(`userName eq "nameless" and ${attribute} pr`);
      expect((await send('GET', `/Users?filter=${filter}`)).body.totalResults).toBe(0);
    }
  });
});

/** The status of the answer; 0 if there was none. */
function statusOver(
  agent: Agent,
  method: string,
  headers: Record<string, string>,
  text: string,
): Promise<number> {
  const { hostname, port, pathname } = new URL(`${server.scim}/Users`);
  return new Promise((resolve) => {
    const outgoing = request(
      { agent, hostname, port, path: pathname, method, headers, timeout: 1000 },
      (incoming) => {
        incoming.resume().on('end', () => resolve(incoming.statusCode ?? 0));
      },
    );
    outgoing.on('timeout', () => outgoing.destroy()).on('error', () => resolve(0));
    outgoing.end(text);
  });
}
