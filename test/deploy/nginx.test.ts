import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, type TestContext, vi } from 'vitest';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { startNginx } from '../support/proxy/nginx.ts';
import { tempDir } from '../support/temp-dir.ts';
import { envFor, SECRET } from '../support/usher.ts';
import { startUsherProcess } from '../support/usher-process.ts';
import { behindProxy } from './proxy.contract.ts';

const JSON_HEADERS = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/scim+json' };
const ANN = JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ann' });
const MIB = 1_048_576;

/** A real Usher behind a real nginx. */
async function proxied(context: TestContext) {
  const homeserver = await startSimulated();
  onTestFinished(() => homeserver.close());
  const settings = envFor(homeserver, tempDir(), { LOG_LEVEL: 'info' });
  writeFileSync(String(settings.GROUP_MAP_FILE), '{}');
  const usher = await startUsherProcess(settings);
  onTestFinished(() => usher.end());
  return {
    ...(await startNginx(context, 'usher.conf', { service: Number(new URL(usher.url).port) })),
    usher,
  };
}

behindProxy('nginx', {
  publicUrl: 'https://usher.example.com',
  start: (context, options) => startNginx(context, 'usher.conf', options),
});
behindProxy('nginx', {
  publicUrl: 'https://example.com/usher',
  start: (context, options) => startNginx(context, 'usher-prefix.conf', options),
});

describe('nginx before Usher', { timeout: 60_000 }, () => {
  it('forwards nothing else', async (context) => {
    const { ask, usher } = await proxied(context);
    for (const path of [
      '/',
      '/metrics',
      '/readyz',
      '/healthz',
      '/scim/v20',
      '/scim/v2/../../metrics',
      '//metrics',
    ]) {
      const { status, headers } = await ask('GET', path, { headers: JSON_HEADERS });
      expect({ status, id: headers['x-request-id'] }, path).toEqual({ status: 404, id: undefined }); // nginx's own
    }
    expect((await fetch(`${usher.url}/metrics`)).status).toBe(200);
  });

  it('passes refusals on, also before the body is there', async (context) => {
    const { ask } = await proxied(context);
    const body = 'x'.repeat(5 * MIB);
    const wrong = await ask('POST', '/scim/v2/Users', { headers: { authorization: 'Bearer no' }, body });
    expect(wrong.status).toBe(401);
    expect(wrong.headers['www-authenticate']).toContain('Bearer');
    const large = await ask('POST', '/scim/v2/Users', { headers: JSON_HEADERS, body: 'x'.repeat(17 * MIB) });
    expect(large.status).toBe(413);
  });

  it('takes a body as large as Usher does', async (context) => {
    const { ask } = await proxied(context);
    const body = ANN.replace('{', `{${' '.repeat(15 * MIB)}`);
    expect((await ask('POST', '/scim/v2/Users', { headers: JSON_HEADERS, body })).status).toBe(201);
  });

  it('gives its number of a request to Usher, whose log has it', async (context) => {
    const { ask, usher } = await proxied(context);
    const { headers } = await ask('POST', '/scim/v2/Users', { headers: JSON_HEADERS, body: ANN });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    await vi.waitFor(() => expect(usher.log()).toContain(`"requestId":"${headers['x-request-id']}"`));
  });
});

describe('what nginx tells of a client', { timeout: 60_000 }, () => {
  it('is its address, whatever the client claims', async (context) => {
    const server = createServer(({ headers }, response) => response.end(JSON.stringify(headers))).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { ask } = await startNginx(context, 'usher.conf', {
      service: (server.address() as AddressInfo).port,
    });
    const headers = { 'x-forwarded-for': '203.0.113.9', 'x-request-id': 'forged', host: 'usher.example.com' };
    const seen = JSON.parse((await ask('GET', '/scim/v2/Users', { headers })).body);
    expect(seen['x-forwarded-for']).toBe('127.0.0.1');
    expect(seen['x-request-id']).not.toBe('forged');
    expect(seen.host).toBe('usher.example.com');
  });
});
