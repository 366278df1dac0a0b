import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createThrottle } from '../../src/http/throttle.ts';
import { ERROR, scimClient, user } from '../support/scim/client.ts';
import { linesOf, openLine, refusedFor } from '../support/scim/line.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

const FLOOD = 200;

let now = 0;
let server: ScimServer;
beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  server = await startScimServer({ now: () => now });
});
afterEach(() => server.stop());

const guess = (method = 'GET') =>
  scimClient(server, 'wrong')(method, '/Users', method === 'GET' ? undefined : user('eve'));

async function flood() {
  const answers = [];
  for (let count = 0; count < FLOOD; count += 1) answers.push(await guess());
  return answers;
}

describe('many wrong tokens from one address', () => {
  it('are put off after thirty, until some time has passed', async () => {
    const answers = await flood();

    const statuses = answers.map(({ status }) => status);
    expect(statuses.slice(0, 30)).toEqual(Array(30).fill(401));
    expect(statuses.slice(30)).toEqual(Array(FLOOD - 30).fill(429));
    expect(answers.at(-1)?.headers.get('retry-after')).toBe('2');
    expect(answers.at(-1)?.headers.get('content-type')).toBe('application/scim+json');
    expect(answers.at(-1)?.body).toEqual({ schemas: [ERROR], status: '429', detail: expect.any(String) });
    now += 2_000;
    expect([(await guess()).status, (await guess()).status]).toEqual([401, 429]);
    now -= 3_600_000; // the clock is set back
    expect((await guess()).status).toBe(429);
    now += 2_000;
    expect((await guess()).status).toBe(401);
  });

  it('do not concern who has the right one, from the same address', async () => {
    await flood();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => scimClient(server)('POST', '/Users', user(`u${index}`))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(201));
    expect((await guess()).status).toBe(429);
    expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
  });

  it('are answered before the body comes, and the connection is closed', async () => {
    await flood();
    const line = await openLine(server.origin);
    line.write('POST //scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n');
    expect(await line.until(/\r\n\r\n\{.*\}$/s)).toMatch(/^HTTP\/1.1 429 .*^connection: close\r$/ims);
    line.socket.end();
    await line.ended;
  });

  it('are counted, and told in two lines and not in hundreds', async () => {
    await flood();

    expect(await refusedFor(server.origin, 'token')).toBe(30);
    expect(await refusedFor(server.origin, 'throttled')).toBe(FLOOD - 30);
    await server.stop();
    const told = linesOf(server.logged(), 'requests refused');
    expect(told.map(({ level, reason, address, times }) => ({ level, reason, address, times }))).toEqual([
      { level: 'warn', reason: 'token', address: '127.0.0.1', times: 1 },
      { level: 'warn', reason: 'throttled', address: '127.0.0.1', times: 1 },
      { level: 'warn', reason: 'token', address: '127.0.0.1', times: 29 },
      { level: 'warn', reason: 'throttled', address: '127.0.0.1', times: FLOOD - 31 },
    ]);
    expect(linesOf(server.logged(), 'request answered').filter(({ level }) => level !== 'debug')).toEqual([]);
    server = await startScimServer();
  });
});

describe('the throttle', () => {
  it('counts each address for itself, and forgets whoever was silent longest', () => {
    const throttle = createThrottle({ now: () => now });
    const failures = (address: string, count: number) => {
      for (let each = 0; each < count; each += 1) throttle.failed(address);
    };
    failures('a', 31);
    expect([throttle.wait('a'), throttle.wait('b')]).toEqual([2, 0]);
    for (let other = 0; other < 9_999; other += 1) failures(`n${other}`, 1);
    expect(throttle.wait('a')).toBe(2);
    failures('one more', 1);
    expect(throttle.wait('a')).toBe(0);
  });
});
