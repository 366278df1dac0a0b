import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Send, scimClient, TOKEN, user } from '../support/scim/client.ts';
import { LIMITS, type ScimServer, startScimServer } from '../support/scim/server.ts';

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

let server: ScimServer;
let send: Send;
beforeAll(async () => {
  server = await startScimServer({ limits: { ...LIMITS, maxBodyBytes: 10_000 } });
  send = scimClient(server);
});
afterAll(() => server.stop());

describe('a request without the right token', () => {
  it.each<[string, Record<string, string>]>([
    ['none', { Authorization: '' }],
    ['another', { Authorization: 'Bearer wrong' }],
    ['a part of it', { Authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['more than it', { Authorization: `Bearer ${TOKEN}x` }],
    ['two', { Authorization: `Bearer ${TOKEN} ${TOKEN}` }],
    ['one in another scheme', { Authorization: `Basic ${TOKEN}` }],
    ['an empty one', { Authorization: 'Bearer ' }],
  ])('is refused: %s', async (_, headers) => {
    for (const path of ['/Users', '/ServiceProviderConfig', '/Schemas', '/nothing/here', '']) {
      const answer = await send('GET', path, undefined, headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(answer.headers.get('content-type')).toBe('application/scim+json');
      expect(answer.body).toMatchObject({ schemas: [ERROR], status: '401' });
    }
  });

  it('changes nothing', async () => {
    const answer = await send('POST', '/Users', user('eve'), { Authorization: 'Bearer wrong' });
    expect(answer.status).toBe(401);
    expect((await send('GET', '/Users?filter=userName+eq+"eve"')).body.totalResults).toBe(0);
  });

  it('is let in with the scheme in any case', async () => {
    const answer = await send('GET', '/Users', undefined, { Authorization: `bearer ${TOKEN}` });
    expect(answer.status).toBe(200);
  });
});

describe('a body', () => {
  it.each([
    'application/scim+json',
    'application/json',
    'application/scim+json; charset=utf-8',
    'application/json;charset=UTF-8',
    'APPLICATION/JSON',
  ])('is read as %s', async (type) => {
    const name = randomUUID();
    const { status, body } = await send('POST', '/Users', user(name), { 'Content-Type': type });
    expect(status).toBe(201);
    expect(body.userName).toBe(name);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
    'nonsense',
  ])('is refused as %s', async (type) => {
    const { status, body } = await send('POST', '/Users', user('typed'), { 'Content-Type': type });
    expect(status).toBe(415);
    expect(body).toMatchObject({ schemas: [ERROR], status: '415' });
  });

  it.each(['{"userName":', '"ann"', '5', 'null', '{"userName":"ann"}}', '', ' '])(
    'is refused with invalidSyntax if it is no JSON object: %j',
    async (text) => {
      for (const [method, path] of [
        ['POST', '/Users'],
        ['PUT', '/Users/x'],
        ['PATCH', '/Groups/x'],
      ] as const) {
        const { status, body } = await send(method, path, text);
        expect(status).toBe(400);
        expect(body).toMatchObject({ schemas: [ERROR], status: '400', scimType: 'invalidSyntax' });
      }
    },
  );

  it('is refused if it is too large, also once unpacked', async () => {
    const large = user('large', { title: 'x'.repeat(20_000) });
    const packed = await fetch(`${server.scim}/Users`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${TOKEN}`,
        'Content-Type': 'application/json',
        'Content-Encoding': 'gzip',
      },
      body: gzipSync(JSON.stringify(large)),
    });
    const plain = await send('POST', '/Users', large);

    expect([packed.status, plain.status]).toEqual([413, 413]);
    expect(plain.body).toMatchObject({ schemas: [ERROR], status: '413' });
    expect((await send('GET', '/Users?filter=userName+eq+"large"')).body.totalResults).toBe(0);
  });

  it('keeps every letter of every alphabet', async () => {
    const displayName = 'Zoë 李 🦊 ثامر';
    const sent = JSON.stringify(user('zoe', { displayName })).replace('ë', '\\u00eb');
    expect((await send('POST', '/Users', sent)).body.displayName).toBe(displayName);
  });

  it('is not needed to read or to delete, although its type is named', async () => {
    const { body } = await send('POST', '/Users', user('short-lived'));
    expect((await send('GET', `/Users/${body.id}`)).status).toBe(200);
    expect((await send('DELETE', `/Users/${body.id}`, undefined, { 'Content-Length': '0' })).status).toBe(
      204,
    );
  });
});

describe('a path', () => {
  it.each(['/Users/', '/Groups/', '/ServiceProviderConfig/', '/Schemas/'])(
    'may end with a slash, and leads nowhere else: %s',
    async (path) => {
      const { status, headers } = await send('GET', path);
      expect(status).toBe(200);
      expect(headers.get('location')).toBeNull();
    },
  );

  it.each(['/nothing', '/Users/1/2', '/Schemas/urn:none', '/ResourceTypes/Robot'])(
    'that leads nowhere is a SCIM error: %j',
    async (path) => {
      const { status, headers, body } = await send('GET', path);
      expect(status).toBe(404);
      expect(headers.get('content-type')).toBe('application/scim+json');
      expect(body).toMatchObject({ schemas: [ERROR], status: '404', detail: expect.any(String) });
    },
  );

  it.each([
    ['POST', '/ServiceProviderConfig', 'HEAD, GET'],
    ['DELETE', '/Schemas', 'HEAD, GET'],
    ['PATCH', '/ResourceTypes', 'HEAD, GET'],
    ['PUT', '/Users', 'HEAD, GET, POST'],
    ['POST', '/Users/1', 'HEAD, GET, PUT, PATCH, DELETE'],
  ])('does not take every method: %s %s', async (method, path, allowed) => {
    const { status, headers, body } = await send(method, path, {});
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe(allowed);
    expect(body).toMatchObject({ schemas: [ERROR], status: '405' });
  });

  it.each([
    ['GET', '/Me'],
    ['GET', '/Me/'],
    ['GET', '/Me?attributes=userName'],
    ['POST', '/Me'],
    ['PUT', '/Me'],
    ['PATCH', '/Me'],
    ['DELETE', '/Me'],
  ])('may be there in the RFC only: %s %s', async (method, path) => {
    const { status, body } = await send(method, path, method === 'GET' ? undefined : {});
    expect(status).toBe(501);
    expect(body).toMatchObject({ schemas: [ERROR], status: '501' });
  });

  it('tells HEAD what GET would have, and OPTIONS what is allowed', async () => {
    const head = await send('HEAD', '/Users');
    const options = await send('OPTIONS', '/Users');
    expect(head).toMatchObject({ status: 200, body: undefined });
    expect(options.status).toBe(200);
    expect(options.headers.get('allow')).toContain('POST');
  });
});

describe('an answer', () => {
  it.each(['application/scim+json', 'application/json', '*/*', 'text/html', 'image/png;q=0.1', ''])(
    'is in the media type of SCIM, also for those who accept %j',
    async (accept) => {
      const { status, headers } = await send('GET', '/Users', undefined, { Accept: accept });
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('application/scim+json');
    },
  );

  it('says nothing of what went wrong inside, which the log does', async () => {
    const broken = await startScimServer();
    await broken.store.close();

    const { status, body } = await scimClient(broken)('POST', '/Users', user('ann'));

    expect(status).toBe(500);
    expect(body).toEqual({ schemas: [ERROR], status: '500', detail: 'Something went wrong here' });
    expect(broken.logged()).toMatch(/"level":"error".*"stack":.*request failed unexpectedly/);
    expect(broken.wakes()).toBe(0);
    await broken.stop();
  });
});

describe('the log', () => {
  it('has a line for each request, and neither tokens nor people in it', async () => {
    const before = server.logged().length;
    const { headers } = await send('POST', '/Users', user('secretive', { password: 'hunter2' }), {
      'X-Request-Id': 'from-the-proxy.1',
    });
    await send('GET', '/Users?filter=userName+eq+"secretive"');
    await send('POST', '/Users', '{"userName":"secretive"');

    const logged = server.logged().slice(before);
    const lines = logged
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    expect(headers.get('x-request-id')).toBe('from-the-proxy.1');
    expect(lines).toMatchObject([
      { level: 'info', requestId: 'from-the-proxy.1', method: 'POST', path: '/scim/v2/Users', status: 201 },
      { level: 'debug', method: 'GET', path: '/scim/v2/Users', status: 200, durationMs: expect.any(Number) },
      { level: 'info', method: 'POST', status: 400 },
    ]);
    for (const secret of [TOKEN, 'secretive', 'hunter2']) expect(logged).not.toContain(secret);
  });

  it('takes no request id that could break a line', async () => {
    const { headers } = await send('GET', '/Users', undefined, { 'X-Request-Id': 'a b"c' });
    expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  });
});

describe('a client that goes away', () => {
  it('leaves the others served', async () => {
    const { port } = new URL(server.origin);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        const head = `POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n`;
        socket.write(`${head}Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{"userName":`);
        socket.end(resolve);
      });
    });
    expect((await send('GET', '/Users')).status).toBe(200);
  });
});
