import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ENTERPRISE,
  GROUP,
  MATRIX_GROUP,
  MATRIX_USER,
  type Send,
  scimClient,
  USER,
} from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

let server: ScimServer;
let send: Send;
beforeAll(async () => {
  server = await startScimServer();
  send = scimClient(server);
});
afterAll(() => server.stop());

describe('discovery', () => {
  it('has the same config under both names', async () => {
    const { body } = await send('GET', '/ServiceProviderConfig');
    expect((await send('GET', '/ServiceProviderConfigs')).body).toEqual(body);
    expect(body.meta.location).toBe(`${server.scim}/ServiceProviderConfig`);
  });

  it('lists each resource type, and has each at the address it says', async () => {
    const { body } = await send('GET', '/ResourceTypes?startIndex=1&count=1');

    expect(body).toMatchObject({ totalResults: 2, itemsPerPage: 2, startIndex: 1 });
    expect(body.Resources).toMatchObject([
      {
        id: 'User',
        endpoint: '/Users',
        schema: USER,
        schemaExtensions: [
          { schema: ENTERPRISE, required: false },
          { schema: MATRIX_USER, required: false },
        ],
      },
      {
        id: 'Group',
        endpoint: '/Groups',
        schema: GROUP,
        schemaExtensions: [{ schema: MATRIX_GROUP, required: false }],
      },
    ]);
    for (const type of body.Resources) expect(await atLocation(type)).toEqual(type);
  });

  it('lists each schema, and has each at the address it says', async () => {
    const { body } = await send('GET', '/Schemas');

    expect(body.Resources.map(({ id }: { id: string }) => id)).toEqual([
      USER,
      ENTERPRISE,
      MATRIX_USER,
      GROUP,
      MATRIX_GROUP,
      ...['ServiceProviderConfig', 'ResourceType', 'Schema'].map(
        (name) => `urn:ietf:params:scim:schemas:core:2.0:${name}`,
      ),
    ]);
    for (const schema of body.Resources) expect(await atLocation(schema)).toEqual(schema);
    expect((await send('GET', `/Schemas/${encodeURIComponent(USER.toLowerCase())}`)).body.id).toBe(USER);
  });

  it.each(['/ResourceTypes', '/Schemas'])('refuses to filter %s', async (path) => {
    const { status, body } = await send('GET', `${path}?filter=id+eq+"x"`);
    expect(status).toBe(403);
    expect(body.status).toBe('403');
  });
});

async function atLocation({ meta }: { meta: { location: string } }): Promise<unknown> {
  return (await send('GET', meta.location.slice(server.scim.length))).body;
}
