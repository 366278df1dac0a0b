import { afterEach, expect, it } from 'vitest';
import { scimClient, user } from '../support/scim/client.ts';
import { openLine } from '../support/scim/line.ts';
import { head } from '../support/scim/raw.ts';
import { startScimServer } from '../support/scim/server.ts';

let opens: (() => void)[] = [];
afterEach(() => {
  for (const open of opens) open();
  opens = [];
});

it('Usher that stops answers what is under way, refuses what comes, and then is gone', async () => {
  let isInside = false;
  const gate = new Promise<void>((resolve) => opens.push(resolve));
  const server = await startScimServer(
    {
      matrix: {
        users: async () => {
          isInside = true;
          await gate;
          return new Map();
        },
        groups: async () => new Map(),
      },
    },
    { goodbyeMs: 20_000 },
  );
  const { origin } = server;
  const silent = await openLine(origin);
  const halfway = await openLine(origin);
  const request = `${head('GET', '/Users')}\r\n`;
  halfway.write(request.slice(0, 40));
  const kept = await openLine(origin);
  kept.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  await kept.until(/\}$/);
  const underWay = scimClient(server)('POST', '/Users', user('ann'));
  await expect.poll(() => isInside).toBe(true);

  const stopped = server.stop();

  await Promise.all([silent.ended, kept.ended]);
  await expect(openLine(origin)).rejects.toThrow('ECONNREFUSED');
  halfway.write(request.slice(40));
  const refusal = await halfway.ended;
  expect(refusal).toMatch(/^HTTP\/1.1 503 .*^retry-after: 5\r$.*^connection: close\r$.*"status":"503"/ims);
  for (const open of opens) open();
  const answer = await underWay;
  expect([answer.status, answer.headers.get('connection'), answer.body.userName]).toEqual([
    201,
    'close',
    'ann',
  ]);
  await stopped;
});

it('Usher that stops waits no longer than it may for a client that is stuck', async () => {
  const server = await startScimServer({}, { goodbyeMs: 50 });
  const stuck = await openLine(server.origin);
  stuck.write(`${head('POST', '/Users')}Content-Length: 10\r\n\r\n{`);
  await expect.poll(async () => (await fetch(`${server.origin}/healthz`)).status).toBe(200);
  await server.stop();
  await stuck.ended;
  expect(stuck.text()).toBe('');
});
