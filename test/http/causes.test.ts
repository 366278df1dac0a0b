import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import { causeOf } from '../../src/http/scim/cause.ts';
import { userType } from '../../src/scim/schema/resource-type.ts';
import { bulk, group, patch, type Send, scimClient, user } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

let server: ScimServer;
let send: Send;
beforeEach(async () => {
  server = await startScimServer();
  send = scimClient(server);
});
afterEach(() => server.stop());

const created = async (path: string, body: object): Promise<ResourceId> =>
  (await send('POST', path, body)).body.id;

/** What marked a user last. */
async function causeFor(userId: ResourceId) {
  const { work } = server.store;
  const except = (await work.all()).filter((id) => id !== userId);
  const item = await work.next({
    ...{ now: Number.MAX_SAFE_INTEGER, order: 'newest', urgencies: ['removal', 'small', 'bulk'] },
    except,
  });
  return item?.cause;
}

/** The request is answered without a fault; its id. */
async function done(...request: Parameters<Send>): Promise<string> {
  const answer = await send(...request);
  expect(answer.status).toBeLessThan(300);
  return String(answer.headers.get('X-Request-Id'));
}

describe('a request leaves what it was with whom it marks', () => {
  it('of each kind, by the id in its answer', async () => {
    const answer = await send('POST', '/Users', user('ann'));
    const { id } = answer.body;
    expect(await causeFor(id)).toBe(`POST /Users (request ${answer.headers.get('X-Request-Id')})`);

    const put = await done('PUT', `/Users/${id}`, user('ann', { displayName: 'Ann' }));
    expect(await causeFor(id)).toBe(`PUT /Users/${id} (request ${put})`);

    const eng = await created('/Groups', group('eng'));
    const add = patch({ op: 'add', path: 'members', value: [{ value: id }] });
    const added = await done('PATCH', `/Groups/${eng}`, add);
    expect(await causeFor(id)).toBe(`PATCH /Groups/${eng} (request ${added})`);

    const removed = await done('DELETE', `/Groups/${eng}`);
    expect(await causeFor(id)).toBe(`DELETE /Groups/${eng} (request ${removed})`);
  });

  it('by the id that a proxy gave, and without the query', async () => {
    const ann = await created('/Users', user('ann'));
    const deactivation = patch({ op: 'replace', value: { active: false, displayName: 'Ann Lee' } });
    await done('PATCH', `/Users/${ann}/?attributes=userName&secret=1`, deactivation, {
      'X-Request-Id': 'from-the-proxy.1',
    });
    expect(await causeFor(ann)).toBe(`PATCH /Users/${ann} (request from-the-proxy.1)`);
  });

  it('for each operation of a bulk request', async () => {
    const [ann, bob] = [await created('/Users', user('ann')), await created('/Users', user('bob'))];
    const answer = await send(
      'POST',
      '/Bulk',
      bulk(
        { method: 'POST', path: '/Groups', bulkId: 'eng', data: group('eng', { members: [{ value: ann }] }) },
        { method: 'DELETE', path: `/Users/${bob}` },
        { method: 'POST', path: '/Users', bulkId: 'cyd', data: user('cyd') },
      ),
    );
    const requestId = answer.headers.get('X-Request-Id');
    const cyd = answer.body.Operations[2].location.split('/').at(-1);
    expect(await causeFor(ann)).toBe(`POST /Bulk, operation 1: POST /Groups (request ${requestId})`);
    expect(await causeFor(bob)).toBe(`POST /Bulk, operation 2: DELETE /Users/${bob} (request ${requestId})`);
    expect(await causeFor(cyd)).toBe(`POST /Bulk, operation 3: POST /Users (request ${requestId})`);
  });

  it('with ids of 100 characters at most', () => {
    const request = { id: 'x'.repeat(101), operation: undefined, requestId: 'r' };
    expect(causeOf('PUT', userType, request)).toBe(`PUT /Users/${'x'.repeat(100)}… (request r)`);
  });
});
