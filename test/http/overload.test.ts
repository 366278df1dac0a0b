import { afterEach, describe, expect, it } from 'vitest';
import { PLACES } from '../../src/http/admission.ts';
import { createPlaces } from '../../src/http/places.ts';
import { type Answer, bulk, ERROR, scimClient, user } from '../support/scim/client.ts';
import { type Line, linesOf, openLine, refusedFor } from '../support/scim/line.ts';
import { head } from '../support/scim/raw.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

const LONG = 60_000;

let server: ScimServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** A server in which whoever asks for users waits until the gate is opened. */
async function behindGate(
  small: Partial<(typeof PLACES)['small']>,
  large: Partial<(typeof PLACES)['large']> = {},
) {
  let open = (): void => {};
  let inside = 0;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const started = await startScimServer({
    places: { small: { ...PLACES.small, ...small }, large: { ...PLACES.large, ...large } },
    matrix: {
      users: async (ids) => {
        inside += 1;
        if (ids.length > 0) await gate;
        return new Map();
      },
      groups: async () => new Map(),
    },
  });
  server = started;
  const send = scimClient(started);
  return { ...started, send, open: () => open(), inside: () => inside };
}

async function postLine(origin: string, name: string): Promise<Line> {
  const sent = JSON.stringify(user(name));
  const line = await openLine(origin);
  line.write(`${head('POST', '/Users')}Content-Length: ${sent.length}\r\n\r\n${sent}`);
  return line;
}

/** An answer on a newer connection shows that the server has taken what came before. */
async function everythingArrived(origin: string): Promise<void> {
  const line = await openLine(origin);
  line.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  expect(await line.ended).toMatch(/^HTTP\/1.1 200 /);
}

function expectBusy({ status, headers, body }: Answer): void {
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toBe('5');
  expect(headers.get('content-type')).toBe('application/scim+json');
  expect(body).toEqual({ schemas: [ERROR], status: '503', detail: expect.any(String) });
}

describe('with more requests than can be answered soon', () => {
  it('some wait, the others are refused at once, and those who run Usher are answered', async () => {
    const { send, origin, open, inside, logged } = await behindGate({
      places: 2,
      waiting: 3,
      patienceMs: LONG,
    });
    const accepted = [];
    for (const each of [0, 1, 2, 3, 4]) accepted.push(await postLine(origin, `u${each}`));
    await everythingArrived(origin);

    expectBusy(await send('GET', '/Groups'));
    expectBusy(await send('POST', '/Users', user('late')));
    for (const path of ['/healthz', '/readyz', '/metrics'])
      expect((await fetch(origin + path)).status).toBe(200);
    expect(inside()).toBe(2);
    open();

    for (const { until } of accepted) expect(await until(/\}$/)).toMatch(/^HTTP\/1.1 201 /);
    expect((await send('GET', '/Users?count=0')).body.totalResults).toBe(5);
    expect(await refusedFor(origin, 'busy')).toBe(2);
    expect(linesOf(logged(), 'requests refused').map(({ reason }) => reason)).toEqual(['busy']);
  });

  it('nobody waits longer than is told', async () => {
    const { send, open } = await behindGate({ places: 1, patienceMs: 20 });
    const first = send('POST', '/Users', user('first'));
    const answers = await Promise.all([1, 2, 3].map((each) => send('POST', '/Users', user(`u${each}`))));
    open();
    expect([...answers, await first].map(({ status }) => status).sort()).toEqual([201, 503, 503, 503]);
    expectBusy(answers.find(({ status }) => status === 503) ?? (await first));
    expect((await send('POST', '/Users', user('again'))).status).toBe(201);
  });

  it('large ones keep nobody from the places of small ones', async () => {
    const { send, open, inside } = await behindGate({}, { places: 1, patienceMs: 20 });
    const long = { title: 't', notes: 'x'.repeat(70_000) };
    const create = { method: 'POST', path: '/Users', bulkId: '1', data: user('by bulk') };
    const first = send('POST', '/Users', user('long', long));
    await expect.poll(inside).toBe(1);

    expectBusy(await send('POST', '/Bulk', bulk(create)));
    expectBusy(await send('POST', '/Users', user('longer', long)));
    for (const search of [
      '?filter=nickName+co+"x"',
      '?filter=userName+eq+"x"+or+title+pr',
      '?sortBy=title',
    ]) {
      expectBusy(await send('GET', `/Users${search}`));
    }
    expectBusy(await send('POST', '/Groups/.search', {}));
    for (const search of ['?filter=displayName+eq+"x+y"', "?filter=externalId eq 'x'", '?count=1']) {
      expect((await send('GET', `/Groups${search}`)).status).toBe(200);
    }
    expect((await send('GET', '/Groups')).status).toBe(200);
    open();
    expect((await first).status).toBe(201);
    expect((await send('POST', '/Bulk', bulk(create))).status).toBe(200);
  });

  it('of a long body no more is read before there is a place', async () => {
    const { send, open, inside, origin } = await behindGate({}, { places: 1, patienceMs: 20 });
    const first = send('POST', '/Users', user('long', { notes: 'x'.repeat(70_000) }));
    await expect.poll(inside).toBe(1);
    const line = await openLine(origin);
    line.write(`${head('POST', '/Users')}Transfer-Encoding: chunked\r\n\r\n`);
    line.write(`11170\r\n${'x'.repeat(70_000)}\r\n`);
    expect(await line.until(/\}$/)).toMatch(/^HTTP\/1.1 503 .*^retry-after: 5\r$/ims);
    line.socket.destroy();
    open();
    expect((await first).status).toBe(201);
  });

  it('who hangs up while waiting is not worked for', async () => {
    const { send, open, inside, origin } = await behindGate({ places: 1, patienceMs: LONG });
    const first = send('POST', '/Users', user('first'));
    await expect.poll(inside).toBe(1);
    const line = await postLine(origin, 'gone');
    await everythingArrived(origin);
    line.socket.destroy();
    await line.ended;
    await everythingArrived(origin);
    open();
    expect((await first).status).toBe(201);
    expect((await send('GET', '/Users?filter=userName+eq+"gone"')).body.totalResults).toBe(0);
  });
});

describe('places', () => {
  it('are handed on in the order of coming', async () => {
    const { enter } = createPlaces({ places: 1, waiting: 2, patienceMs: LONG });
    const order: string[] = [];
    const leave = await enter();
    const others = ['a', 'b'].map(async (name) => {
      const next = await enter();
      order.push(name);
      next?.();
    });
    expect(await enter()).toBeUndefined();
    leave?.();
    await Promise.all(others);
    expect(order).toEqual(['a', 'b']);
    expect(await enter()).toBeDefined();
  });
});
