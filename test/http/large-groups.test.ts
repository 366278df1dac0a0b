import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { group, patch, type Send, scimClient, TOKEN, user } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

/** More than one piece of members, and more text than is held at once. */
const SIZE = 12_000;

let server: ScimServer;
let send: Send;
let staff: { id: string; meta: { version: string } };
const values = Array.from({ length: SIZE }, (_, index) => `member-${String(index).padStart(6, '0')}`);
beforeAll(async () => {
  server = await startScimServer();
  send = scimClient(server);
  const { body: ann } = await send('POST', '/Users', user('ann'));
  const { body: inner } = await send('POST', '/Groups', group('inner', { members: [{ value: ann.id }] }));
  const members = [...values, inner.id, ann.id].map((value) => ({ value }));
  staff = (await send('POST', '/Groups?excludedAttributes=members', group('staff', { members }))).body;
});
afterAll(() => server.stop());

describe('a group of thousands', () => {
  it('is answered whole: users first, then groups, then those whom nobody knows', async () => {
    const { status, headers, body } = await send('GET', `/Groups/${staff.id}`);

    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/scim+json');
    expect(headers.get('etag')).toBe(staff.meta.version);
    expect(body.members).toHaveLength(SIZE + 2);
    expect(body.members.slice(0, 2)).toMatchObject([{ type: 'User' }, { type: 'Group' }]);
    expect(body.members.slice(2)).toEqual(values.map((value) => ({ value })));
  });

  it('stands in a list with others, each with its own members', async () => {
    const { body } = await send('GET', '/Groups');
    expect(body).toMatchObject({ totalResults: 2, itemsPerPage: 2 });
    const sizes = body.Resources.map(({ members }: { members: object[] }) => members.length);
    expect(sizes).toEqual([1, SIZE + 2]);
  });

  it.each<[string, object]>([
    ['attributes=members.value', { value: 'member-000000' }],
    ['excludedAttributes=members.value,members.type', {}],
    ['attributes=members', { value: 'member-000000' }],
  ])('has of each member what is asked for: %s', async (query, third) => {
    const { body } = await send('GET', `/Groups/${staff.id}?${query}`);
    expect(body.members).toHaveLength(SIZE + 2);
    expect(body.members[2]).toEqual(third);
    expect(body.members[0].$ref === undefined).toBe(query === 'attributes=members.value');
  });

  it('is not read for those who ask for something else, and is known by its tag', async () => {
    const { body } = await send('GET', `/Groups/${staff.id}?attributes=displayName`);
    expect(body).toEqual({ schemas: expect.any(Array), id: staff.id, displayName: 'staff' });
    const known = await send('GET', `/Groups/${staff.id}`, undefined, {
      'If-None-Match': staff.meta.version,
    });
    expect(known).toMatchObject({ status: 304, body: undefined });
    const head = await send('HEAD', `/Groups/${staff.id}`);
    expect(head).toMatchObject({ status: 200, body: undefined });
    expect(head.headers.get('etag')).toBe(staff.meta.version);
  });

  it('is found by any of its members', async () => {
    for (const filter of [
      `members.value eq "${values[SIZE - 1]}"`,
      `members.value ew "${values[SIZE - 1]?.slice(-6)}"`,
      'members.type eq "Group"',
      `not (members.value ne "${values[0]}")`,
    ]) {
      const { body } = await send(
        'GET',
        `/Groups?filter=${encodeURIComponent(filter)}&attributes=displayName`,
      );
      expect([filter, body.totalResults]).toEqual([filter, 1]);
    }
  });

  it('may be left by a client in the middle of the answer, and is there for the next', async () => {
    const { port, pathname } = new URL(`${server.scim}/Groups/${staff.id}`);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
      });
      socket.once('data', () => socket.destroy());
      socket.once('close', () => resolve());
    });
    expect((await send('GET', `/Groups/${staff.id}`)).body.members).toHaveLength(SIZE + 2);
    expect(server.logged()).not.toContain('failed unexpectedly');
  });

  it('is replaced while others are served, and is seen before or after, never in between', async () => {
    const next = values.slice(0, SIZE / 2).map((value) => ({ value: `${value}-new` }));
    const { body: other } = await send(
      'POST',
      '/Groups',
      group('other', { members: values.map((value) => ({ value })) }),
    );
    const finished: string[] = [];
    const replaced = send('PUT', `/Groups/${other.id}`, group('other', { members: next })).then(
      ({ status }) => {
        finished.push(`put ${status}`);
      },
    );
    const sizes = new Set<number>();
    while (finished.length === 0) {
      const { body } = await send('GET', `/Groups/${other.id}?attributes=members.value`);
      sizes.add(body.members.length);
    }
    await replaced;
    expect(finished).toEqual(['put 200']);
    for (const size of sizes) expect([SIZE, SIZE / 2]).toContain(size);
    expect((await send('GET', `/Groups/${other.id}`)).body.members).toHaveLength(SIZE / 2);
    await send('DELETE', `/Groups/${other.id}`);
  });

  it('loses and gets members in one PATCH of many operations', async () => {
    const removals = values
      .slice(0, 1500)
      .map((value) => ({ op: 'remove', path: `members[value eq "${value}"]` }));
    const addition = { op: 'add', path: 'members', value: [{ value: 'late' }, { value: values[0] }] };
    const answer = await send('PATCH', `/Groups/${staff.id}`, patch(...removals, addition));
    const { body } = await send('GET', `/Groups/${staff.id}`);
    expect(answer.status).toBe(204);
    expect(body.members).toHaveLength(SIZE + 2 - 1500 + 2);
    expect(body.meta.version).toBe(answer.headers.get('etag'));
  });
});
