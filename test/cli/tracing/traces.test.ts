import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ReceivedSpan } from '../../support/otlp-protobuf.ts';
import { toReceiver, tracedUsher } from '../../support/traced-usher.ts';
import { SECRET } from '../../support/usher.ts';

let end: () => Promise<void> = async () => {};
afterEach(() => end());

async function start(...args: Parameters<typeof tracedUsher>) {
  const stage = await tracedUsher(...args);
  end = () => stage.usher.end();
  return {
    ...stage,
    /** A request with headers of its own, and a body if it is a POST. */
    send: (path: string, headers: Record<string, string>, body?: object) =>
      fetch(`${stage.usher.url}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/scim+json', ...headers },
        ...(body && { body: JSON.stringify(body) }),
      }),
  };
}

const isLinkedTo =
  ({ spanId, traceId }: ReceivedSpan) =>
  ({ links }: ReceivedSpan): boolean =>
    links.some((link) => link.spanId === spanId && link.traceId === traceId);
const isLookAt = (id: string) => (span: ReceivedSpan) => span.attributes['usher.user_id'] === id;
const newUser = (userName: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  ...{ userName, externalId: userName, active: true },
});

async function idIn(answer: Response): Promise<string> {
  const resource: unknown = await answer.json();
  return typeof resource === 'object' && resource !== null && 'id' in resource ? String(resource.id) : '';
}

/** Somebody who is there already is added to the group. */
async function patched(stage: Awaited<ReturnType<typeof start>>) {
  const { provider, span } = stage;
  const ann = await provider.createUser({ userName: 'ann', displayName: 'Ann Leeds' });
  const eng = await provider.createGroup('Wizards', 'eng');
  await span(isLookAt(ann));
  await provider.addMembers(eng, ann);
  await stage.isIn('ann');
  return { ann, request: await span(({ name }) => name === 'PATCH /scim/v2/Groups/:id') };
}

describe('traces', { timeout: 30_000 }, () => {
  it('lead from the PATCH that adds a member to the call that joins her', async () => {
    const stage = await start(toReceiver);
    const { ann, request } = await patched(stage);
    expect(request).toMatchObject({
      ...{ kind: 'server', parentId: '', isFailed: false },
      attributes: {
        'http.request.method': 'PATCH',
        'http.route': '/scim/v2/Groups/:id',
        'http.response.status_code': 200,
        'url.scheme': 'http',
      },
    });
    const look = await stage.span((span) => isLinkedTo(request)(span) && span.kind === 'internal');
    expect(look).toMatchObject({ name: 'look at a person', parentId: '', isFailed: false });
    expect(look.attributes['usher.user_id']).toBe(ann);
    const calls = stage.receiver.spans().filter(({ parentId }) => parentId === look.spanId);
    expect(calls.every(({ traceId, kind }) => traceId === look.traceId && kind === 'client')).toBe(true);
    expect(calls.filter(({ isFailed }) => !isFailed)).toContainEqual(
      expect.objectContaining({
        name: 'POST /_synapse/admin/v1/join/{roomId}',
        attributes: {
          'http.request.method': 'POST',
          'url.template': '/_synapse/admin/v1/join/{roomId}',
          'server.address': '127.0.0.1',
          'server.port': Number(new URL(stage.homeserver.url).port),
          'http.response.status_code': 200,
        },
      }),
    );
  });

  it('lead on to the room whose power levels it changes', async () => {
    const stage = await start(toReceiver, { powerLevel: 50 });
    const { request } = await patched(stage);
    const look = await stage.span(isLinkedTo(request));
    const room = await stage.span((span) => span.name === 'look at a room' && isLinkedTo(look)(span));
    expect(room.attributes['usher.room_id']).toBe(stage.room);
    await stage.span(({ name, parentId }) => name.startsWith('PUT ') && parentId === room.spanId);
  });

  it('lead to the look that comes after an outage, too', async () => {
    const stage = await start(toReceiver);
    const ann = await stage.provider.createUser({ userName: 'ann' });
    const eng = await stage.provider.createGroup('eng', 'eng');
    await stage.span(isLookAt(ann));
    await stage.homeserver.stop();
    await stage.provider.addMembers(eng, ann);
    const request = await stage.span(({ name }) => name === 'PATCH /scim/v2/Groups/:id');
    const failed = await stage.span(isLinkedTo(request));
    expect(failed).toMatchObject({ isFailed: true, attributes: { 'error.type': 'unavailable' } });
    await stage.homeserver.start();
    await stage.isIn('ann');
    const look = await stage.span((span) => isLinkedTo(request)(span) && !span.isFailed);
    await stage.span(({ name, parentId }) => name.endsWith('/join/{roomId}') && parentId === look.spanId);
  });

  it('go on with the trace that the request came with, and with them the log', async () => {
    const stage = await start(toReceiver);
    const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
    const headers = { traceparent: `00-${traceId}-${spanId}-01` };
    await stage.send('/scim/v2/Users?filter=userName%20eq%20%22ann%22', headers);
    const request = await stage.span(({ name }) => name === 'GET /scim/v2/Users');
    expect(request).toMatchObject({ traceId, parentId: spanId });
    const lines = stage.usher.log().split('\n');
    const line = lines.find((each) => each.includes('request answered') && each.includes('"GET"')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ trace_id: traceId, path: '/scim/v2/Users' });
  });

  it('hold no secret, no query, and nobody’s name', async () => {
    const stage = await start((receiver) => ({
      ...toReceiver(receiver),
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=of-the-receiver',
    }));
    await stage.send('/scim/v2/Users?filter=userName%20eq%20%22ann%22', {});
    await stage.send('/scim/v2/Users/ann', {});
    await patched(stage);
    await stage.usher.end();
    expect(stage.receiver.requests()[0]?.headers['api-key']).toBe('of-the-receiver');
    const text = stage.receiver.text();
    expect(text).toContain('/_synapse/admin/v2/users/{userId}');
    for (const secret of [SECRET, stage.homeserver.adminToken, 'of-the-receiver', 'Wizards', 'filter=']) {
      expect(text).not.toContain(secret);
    }
    expect(text).not.toMatch(/\bann\b|Leeds/);
  });

  it('are not made of what watches Usher', async () => {
    const stage = await start(toReceiver);
    for (const path of ['/healthz', '/readyz/', '/metrics']) await stage.send(path, {});
    await stage.send('/scim/v2/Nothing', {});
    await stage.span(({ attributes }) => attributes['http.response.status_code'] === 404);
    const servers = stage.receiver.spans().filter(({ kind }) => kind === 'server');
    expect(servers.map(({ name }) => name)).toEqual(['GET']);
  });

  it('are of whom OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say', async () => {
    const stage = await start((receiver) => ({
      ...toReceiver(receiver),
      OTEL_SERVICE_NAME: 'doorman',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging',
    }));
    const { resource } = await stage.span(({ name }) => name === 'full pass');
    expect(resource).toMatchObject({
      'service.name': 'doorman',
      'deployment.environment.name': 'staging',
      'telemetry.sdk.language': 'nodejs',
    });
    const paths = stage.receiver.requests().map(({ path }) => path);
    expect(new Set(paths)).toEqual(new Set(['POST /v1/traces']));
  });

  it('are kept or left out as a whole, by what the request came with', async () => {
    const stage = await start((receiver) => ({
      ...toReceiver(receiver),
      ...{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    }));
    const create = async (name: string, flags: string): Promise<string> => {
      const traceparent = `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-${flags}`;
      return idIn(await stage.send('/scim/v2/Users', { traceparent }, newUser(name)));
    };
    const bob = await create('bob', '00');
    await vi.waitFor(() => expect(stage.usher.log()).toContain('create account @bob:'), 10_000);
    const ann = await create('ann', '01');
    const look = await stage.span(isLookAt(ann));
    await stage.usher.end();
    expect(stage.receiver.spans().filter(({ name }) => name === 'POST /scim/v2/Users')).toHaveLength(1);
    const looks = stage.receiver.spans().filter(({ name }) => name === 'look at a person');
    expect(looks).toEqual([look]);
    expect(looks.some(isLookAt(bob))).toBe(false);
  });
});
