import { afterEach, describe, expect, it } from 'vitest';
import { CONNECTION_LIMITS, type ConnectionLimits } from '../../src/http/listener.ts';
import { group, scimClient, user } from '../support/scim/client.ts';
import { openLine, refusedFor } from '../support/scim/line.ts';
import { head } from '../support/scim/raw.ts';
import { LIMITS, type ScimServer, startScimServer } from '../support/scim/server.ts';

/** Milliseconds: the times of the service, shortened. */
const SOON = 100;
const LOOK = 20;

let server: ScimServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(limits: Partial<ConnectionLimits>): Promise<ScimServer> {
  server = await startScimServer(
    { limits: { ...LIMITS, maxBodyBytes: 8_000_000 } },
    { lookMs: LOOK, ...limits },
  );
  return server;
}

/** Writes that again and again until the other side ends the connection. Resolves with all that came. */
async function drip(origin: string, begin: string, drop: string): Promise<string> {
  const line = await openLine(origin);
  line.write(begin);
  const dripping = setInterval(() => line.write(drop), LOOK);
  const text = await line.ended;
  clearInterval(dripping);
  return text;
}

describe('who sends slowly', () => {
  it('headers without end is refused after a while, and not by silence', async () => {
    const { origin } = await start({ headersMs: SOON, requestMs: 2 * SOON });
    const text = await drip(origin, 'GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n', 'X-Drop: 1\r\n');
    expect(text).toMatch(/^HTTP\/1.1 408 .*^connection: close\r$.*"status":"408"/ims);
  });

  it('nothing at all is hung up on', async () => {
    const { origin } = await start({ headersMs: SOON, requestMs: 2 * SOON });
    const line = await openLine(origin);
    expect(await line.ended).toMatch(/^$|^HTTP\/1.1 408 /);
  });

  it.each([
    ['of a length', 'Content-Length: 100000\r\n\r\n{', 'x'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n', '1\r\nx\r\n'],
  ])('a body %s is refused after a while', async (_, rest, drop) => {
    const { origin } = await start({ headersMs: SOON, requestMs: 2 * SOON });
    const text = await drip(origin, head('POST', '/Users') + rest, drop);
    expect(text).toMatch(/^HTTP\/1.1 408 .*^connection: close\r$/ims);
  });

  it('and stops in the middle of a body is hung up on', async () => {
    const { origin } = await start({ quietMs: SOON });
    const line = await openLine(origin);
    line.write(`${head('POST', '/Users')}Content-Length: 10\r\n\r\n{`);
    expect(await line.ended).toBe('');
    expect(await refusedFor(origin, 'slow')).toBe(1);
  });

  it('with a wrong token is answered before the body, and hung up on by then', async () => {
    const { origin } = await start({});
    const line = await openLine(origin);
    line.write('POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    expect(await line.until(/\}$/)).toMatch(/^HTTP\/1.1 401 .*^connection: close\r$/ims);
    line.socket.destroy();
    await line.ended;
  });
});

describe('who asks before sending a body', () => {
  const asking = (length: number, token = '') =>
    `${token || head('POST', '/Users')}Expect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;

  it('is told to go on only if it is wanted', async () => {
    const { origin } = await start({});
    const sent = JSON.stringify(user('asking'));
    const [wanted, large, stranger] = [
      await openLine(origin),
      await openLine(origin),
      await openLine(origin),
    ];
    wanted.write(asking(sent.length));
    large.write(asking(100_000_000));
    stranger.write(asking(10, 'POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\n'));

    await wanted.until(/^HTTP\/1.1 100 .*\r\n\r\n$/);
    wanted.write(sent);
    expect(await wanted.until(/\}$/)).toMatch(/^HTTP\/1.1 201 /m);
    expect(await large.until(/\}$/)).toMatch(/^HTTP\/1.1 413 /);
    expect(await stranger.until(/\}$/)).toMatch(/^HTTP\/1.1 401 /);
    for (const { socket } of [wanted, large, stranger]) socket.destroy();
  });
});

describe('who sends without end', () => {
  it.each(['right', 'wrong'])('is answered early with a %s token, and hung up on', async (token) => {
    const { origin } = await start({});
    const line = await openLine(origin);
    const headers =
      token === 'right' ? head('POST', '/Users') : 'POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\n';
    line.write(`${headers}Transfer-Encoding: chunked\r\n\r\n`);
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    let sent = 0;
    const more = (): void => {
      while (!line.socket.destroyed && line.socket.write(chunk)) sent += chunk.length;
    };
    line.socket.on('drain', more);
    more();
    expect(await line.ended).toMatch(/^(HTTP\/1.1 4(13|01) .*^connection: close\r$.*)?/ims);
    // Up to the limit, then for a while for those who read late; and what the kernel holds.
    expect(sent).toBeLessThan(64 * 1_048_576);
    expect(sent).toBeGreaterThan(8_000_000);
  });
});

describe('who does not fetch the answer', () => {
  it.each<[string, Partial<ConnectionLimits>]>([
    ['at all', { quietMs: 5 * SOON }],
    ['in time', { answerMs: SOON }],
  ])(
    '%s is hung up on, and little of it was made',
    async (_, limits) => {
      const { origin, ...rest } = await start(limits);
      const send = scimClient({ scim: rest.scim });
      const members = Array.from({ length: 12_000 }, (_, index) => ({
        value: `m${index}-${'x'.repeat(200)}`,
      }));
      const ids = await Promise.all(
        [0, 1, 2].map(
          async (each) =>
            (await send('POST', '/Groups?excludedAttributes=members', group(`g${each}`, { members }))).body
              .id,
        ),
      );
      const line = await openLine(origin);
      line.socket.pause();
      // Some 20 MB, more than the kernel holds.
      for (const id of [...ids, ...ids]) line.write(`${head('GET', `/Groups/${id}`)}\r\n`);
      await expect.poll(() => refusedFor(origin, 'slow'), { timeout: 10_000 }).toBe(1);
      line.socket.resume();
      expect(await line.ended).toMatch(/^HTTP\/1.1 200 /);
      expect(line.text().length).toBeLessThan(15_000_000);
      expect((await send('GET', '/Groups?count=0')).body.totalResults).toBe(3);
    },
    30_000,
  );
});

describe('more connections than are kept', () => {
  it('end those that are idle, the oldest first, and not those that wait for an answer', async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    server = await startScimServer(
      {
        health: async () => {
          await gate;
          return { ready: true, components: {} };
        },
      },
      { connections: 5 },
    );
    const { origin } = server;
    const busy = await openLine(origin);
    busy.write('GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n');
    const idle = [];
    for (let each = 0; each < 20; each += 1) idle.push(await openLine(origin));

    const newest = await openLine(origin);
    newest.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await newest.until(/\}$/)).toMatch(/^HTTP\/1.1 200 /);
    await Promise.all(idle.slice(0, -3).map(({ ended }) => ended));
    open();
    expect(await busy.until(/\}$/)).toMatch(/^HTTP\/1.1 200 /);
    expect(idle.slice(-3).filter(({ socket }) => socket.destroyed)).toEqual([]);
    for (const { socket } of [busy, newest, ...idle]) socket.destroy();
    await expect.poll(() => refusedFor(origin, 'connections')).toBeGreaterThanOrEqual(17);
  });
});

it('the times of the service leave the largest body to a slow line, and are told to nobody too late', () => {
  const { headersMs, requestMs, quietMs, answerMs, lookMs } = CONNECTION_LIMITS;
  expect([headersMs < requestMs, lookMs < headersMs, quietMs < answerMs]).toEqual([true, true, true]);
});
