import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { group, patch, type Send, scimClient, user } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

/**
 * What the pydantic models with which Authentik reads our answers require: a field that is missing there stops a
 * whole page of a sync, or makes Authentik fall back to a server that can do nothing.
 */
let server: ScimServer;
let send: Send;
beforeAll(async () => {
  server = await startScimServer();
  send = scimClient(server);
});
afterAll(() => server.stop());

const alice = user('alice', {
  externalId: 'a'.repeat(64),
  name: { formatted: 'Alice ', familyName: ' ', givenName: 'Alice' },
  displayName: '',
  active: true,
  emails: [{ value: 'Alice@example.com', type: 'other', primary: true }],
  photos: [{ value: 'https://example.com/a.png', type: 'photo' }],
});

describe('Authentik', () => {
  it('finds all it requires in the config, and nothing that is no URL', async () => {
    const { body } = await send('GET', '/ServiceProviderConfig');

    for (const feature of ['patch', 'bulk', 'filter', 'changePassword', 'sort']) {
      expect(body[feature].supported).toEqual(expect.any(Boolean));
    }
    expect(body.patch.supported).toBe(true);
    expect(body.filter).toEqual({ supported: true, maxResults: expect.any(Number) });
    expect(Number.isInteger(body.bulk.maxOperations) && body.bulk.maxOperations >= 1).toBe(true);
    expect(body.authenticationSchemes.length).toBeGreaterThan(0);
    for (const scheme of body.authenticationSchemes) {
      expect(scheme).toMatchObject({ name: expect.any(String), description: expect.any(String) });
      expect(URL.canParse(scheme.specUri)).toBe(true);
    }
    expect(body.documentationUri === undefined || URL.canParse(body.documentationUri)).toBe(true);
  });

  it('gets each value back as it sent it, so that it does not send it again', async () => {
    const { body: created } = await send('POST', '/Users', alice);
    const { body: replaced } = await send('PUT', `/Users/${created.id}`, { id: created.id, ...alice });
    const { body: listed } = await send('GET', '/Users?count=100&startIndex=1');

    expect(created.id).toEqual(expect.any(String));
    const { schemas: _, ...plain } = alice;
    for (const answer of [created, replaced, listed.Resources[0]]) expect(answer).toMatchObject(plain);
    for (const [name, value] of Object.entries(alice))
      expect(merged(replaced[name], value)).toEqual(replaced[name]);
  });

  it('reads pages on by what they have', async () => {
    for (const name of ['b', 'c', 'd']) await send('POST', '/Users', user(name, { emails: [] }));

    const seen: string[] = [];
    let startIndex = 1;
    let total = Number.POSITIVE_INFINITY;
    while (seen.length < total) {
      const { body } = await send('GET', `/Users?count=3&startIndex=${startIndex}`);
      expect(Number.isInteger(body.totalResults) && Number.isInteger(body.itemsPerPage)).toBe(true);
      expect(body.itemsPerPage).toBe(body.Resources.length);
      expect(body.Resources.length).toBeGreaterThan(0);
      for (const found of body.Resources) {
        expect(Array.isArray(found.emails)).toBe(true);
        seen.push(found.userName);
      }
      startIndex += body.itemsPerPage;
      total = body.totalResults;
    }

    expect(seen).toEqual(['alice', 'b', 'c', 'd']);
  });

  it('finds the name and a list of members in a group, also in an empty one', async () => {
    const { body: staff } = await send('POST', '/Groups', group('staff', { externalId: 'g' }));
    const { body } = await send('GET', `/Groups/${staff.id}`);
    expect(body).toMatchObject({ id: staff.id, displayName: 'staff', members: [] });
  });

  it('renames a group without naming the schema, with the id in the value', async () => {
    const { body: crew } = await send('POST', '/Groups', group('crew', { members: [{ value: 'x' }] }));
    const { schemas, Operations } = patch({
      op: 'replace',
      value: { ...group('new crew', { externalId: 'g2' }), id: crew.id },
    });

    const { status, body } = await send('PATCH', `/Groups/${crew.id}`, { Operations });

    expect(schemas).toHaveLength(1);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: crew.id,
      displayName: 'new crew',
      externalId: 'g2',
      members: [{ value: 'x' }],
    });
  });

  it('is told 404 only of what is not there, and never for a member nobody knows', async () => {
    const { body: inactive } = await send('POST', '/Users', user('gone', { active: false }));
    const { body: team } = await send('POST', '/Groups', group('team'));
    const add = patch({
      op: 'add',
      path: 'members',
      value: [{ value: 'ffffffff-ffff-4fff-8fff-ffffffffffff' }],
    });

    expect((await send('GET', `/Users/${inactive.id}`)).status).toBe(200);
    expect((await send('PATCH', `/Groups/${team.id}`, add)).status).toBe(200);
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const { status, body } = await send(method, '/Groups/none', method === 'PATCH' ? add : group('none'));
      expect(status).toBe(404);
      expect(body).toMatchObject({
        schemas: [expect.any(String)],
        status: '404',
        detail: expect.any(String),
      });
    }
  });
});

/** What Authentik makes of a value it has and one that it would send: new entries of lists are appended. */
function merged(known: unknown, sent: unknown): unknown {
  if (!Array.isArray(known) || !Array.isArray(sent)) return sent;
  const isKnown = (entry: unknown) => known.some((each) => JSON.stringify(each) === JSON.stringify(entry));
  return [...known, ...sent.filter((entry) => !isKnown(entry))];
}
