import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKEN } from '../support/scim/client.ts';
import { sendRaw } from '../support/scim/raw.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';
import { SECRET } from '../support/usher.ts';

let server: ScimServer;
beforeAll(async () => {
  server = await startScimServer();
});
afterAll(() => server.stop());

const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(server.scim + path, { headers: { authorization: `Bearer ${TOKEN}`, ...headers }, ...init });

describe('a token', () => {
  it('that is wrong is answered in one way, whatever its length and however near it is', async () => {
    const wrong = [
      TOKEN.slice(0, -1),
      `${TOKEN}x`,
      `${TOKEN.slice(0, -1)}x`,
      `x${TOKEN.slice(1)}`,
      TOKEN.toUpperCase(),
      SECRET,
      'x',
      ...Array.from({ length: 60 }, (_, length) => 'y'.repeat(length * 200 + 1)),
    ];
    const answers = new Set<string>();
    for (const token of wrong) {
      const response = await ask('/Users', { authorization: `Bearer ${token}` });
      const headers = [...response.headers].filter(([name]) => !['x-request-id', 'date'].includes(name));
      answers.add(JSON.stringify([response.status, headers, await response.text()]));
    }
    expect([...answers]).toEqual([expect.stringMatching(/^\[401,.*invalid_token/)]);
    expect((await ask('/Users')).status).toBe(200);
  });

  it('that is wrong is refused before any of a body is read', async () => {
    const begun = 'POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n';
    const type = 'Content-Type: application/json\r\n';
    const lengths = ['Content-Length: 1000000000\r\n', 'Transfer-Encoding: chunked\r\n'];
    for (const length of lengths) {
      const { status, answers } = await sendRaw(server, `${begun}${type}${length}Connection: close\r\n\r\n`);
      expect([status, answers]).toEqual([401, 1]);
    }
    // What is still coming is waited for, 5 s each.
  }, 30_000);

  it('is compared by its digest, with each that is known, in a time that tells nothing', () => {
    const program = readFileSync(join(import.meta.dirname, '../../src/http/tokens.ts'), 'utf8');
    expect(program).toMatch(/known\.filter\(\(token\) => timingSafeEqual\(token\.digest, digest\)\)/);
    const access = readFileSync(join(import.meta.dirname, '../../src/access/token.ts'), 'utf8');
    expect(access).toMatch(/hash\('sha256', secret, 'buffer'\)/);
    // Nothing else in it looks at a token but for its form.
    expect(program.replaceAll(/presented === undefined|presented \?\? ''/g, '')).not.toMatch(
      /(presented|secret)\s*[!=]==?/,
    );
  });
});

describe('a line break', () => {
  it('in the id of a request gets neither into an answer nor into the log', async () => {
    for (const sent of ['a%0d%0aX-Forged: 1', 'a b', 'x'.repeat(65), '{"level":"error"}', 'ä', '']) {
      const response = await ask('/Users', { 'x-request-id': sent === 'ä' ? '\u00e4' : sent });
      expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(response.headers.get('x-forged')).toBeNull();
    }
    const lines = `GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\rX-Forged: 1\r\nConnection: close\r\n\r\n`;
    expect((await sendRaw(server, lines)).status).toBe(400);
  });

  it('in an id, a path or a name forges no header and no line of the log', async () => {
    const evil = 'a\r\nX-Forged: 1\r\n\r\n{"level":"fatal","msg":"forged"}\n';
    const created = await ask(
      '/Users',
      { 'content-type': 'application/json' },
      {
        method: 'POST',
        body: JSON.stringify({ userName: evil, externalId: evil, displayName: evil, id: evil }),
      },
    );
    expect(created.status).toBe(201);
    expect(created.headers.get('x-forged')).toBeNull();
    for (const path of [
      `/Users/${encodeURIComponent(evil)}`,
      '/Users/%0d%0aX-Forged:%201',
      `/${encodeURIComponent(evil)}`,
    ]) {
      const response = await ask(path);
      expect([response.status, response.headers.get('x-forged')]).toEqual([404, null]);
      await ask(path, { 'content-type': 'application/json' }, { method: 'PUT', body: '{}' });
      await ask(path, {}, { method: 'DELETE' });
    }
    const lines = server.logged().trim().split('\n');
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) expect(JSON.parse(line).msg).not.toBe('forged');
  });

  it('in a group map, a reason or an address of ours is none in what is sent', async () => {
    const other = await startScimServer({ publicUrl: 'https://usher.example/a%0d%0ab' });
    try {
      const response = await fetch(`${other.scim}/Users`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ userName: 'ann' }),
      });
      expect(response.headers.get('location')).toMatch(
        /^https:\/\/usher\.example\/a%0d%0ab\/scim\/v2\/Users\/[0-9a-f-]+$/,
      );
    } finally {
      await other.stop();
    }
  });
});

describe('the host of a request', () => {
  const host = (name: string, more = '') =>
    `GET /scim/v2/Users HTTP/1.1\r\nHost: ${name}\r\nAuthorization: Bearer ${TOKEN}\r\n${more}Connection: close\r\n\r\n`;

  it('is told back to who sent it, and remembered for nobody', async () => {
    const forged = await sendRaw(server, host('evil.example', 'X-Forwarded-Host: worse.example\r\n'));
    expect(JSON.stringify(forged.body)).not.toContain('worse.example');
    const text = await (await ask('/Users')).text();
    expect(text).not.toContain('evil.example');
    expect(text).toContain(`"location":"${server.scim}/Users/`);
  });

  it('that is none is no header and no JSON of ours', async () => {
    for (const name of ['"><script>', 'a"b', 'a\\b', '', 'x y', '[::1', '../..', `${'x'.repeat(5000)}`]) {
      const { status, body } = await sendRaw(server, host(name));
      expect([200, 400]).toContain(status);
      expect(body === undefined || typeof body === 'object').toBe(true);
    }
  });

  it('counts for nothing where PUBLIC_URL is set', async () => {
    const other = await startScimServer({ publicUrl: 'https://usher.example' });
    try {
      await fetch(`${other.scim}/Users`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ userName: 'ann' }),
      });
      const { body } = await sendRaw(other, host('evil.example'));
      expect(JSON.stringify(body)).toContain('https://usher.example/scim/v2/Users/');
      expect(JSON.stringify(body)).not.toContain('evil.example');
    } finally {
      await other.stop();
    }
  });
});
