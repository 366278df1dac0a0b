import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { group, patch, type Send, scimClient, user } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

/** Milliseconds that nobody else is answered in: everything waits while one request is worked on. */
const PATIENCE = 10_000;
vi.setConfig({ testTimeout: 30_000 });

let server: ScimServer;
let send: Send;
beforeEach(async () => {
  server = await startScimServer();
  send = scimClient(server);
});
afterEach(() => server.stop());

const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
const attributes = (count: number, value: string) =>
  Object.fromEntries(many(count, (index) => [`a${index}`, value]));

/** Each fits into MAX_BODY_SIZE many times over, so that what is slow here could be minutes. */
describe('a request with a lot in it is answered or refused before others have to wait', () => {
  it.each<[string, () => object]>([
    [
      'operations that choose among many values',
      () =>
        patch(
          ...many(5000, (index) => ({
            op: 'replace',
            path: `roles[value eq "r${index % 1000}"].display`,
            value: `${index}`,
          })),
        ),
    ],
    [
      'operations that add what is there already',
      () => patch(...many(12_000, () => ({ op: 'add', path: 'roles', value: [{ value: 'r999' }] }))),
    ],
    [
      'values to remove from a list',
      () => patch({ op: 'remove', path: 'roles', value: many(6000, (index) => ({ value: `x${index}` })) }),
    ],
    ['attributes in one operation', () => patch({ op: 'add', value: attributes(5000, 'x') })],
    [
      'attributes in as many operations',
      () => patch(...many(5000, (index) => ({ op: 'add', path: `a${index}`, value: 'x' }))),
    ],
  ])('a PATCH of a user, with %s', async (_, body) => {
    const { body: ann } = await send(
      'POST',
      '/Users',
      user('ann', { roles: many(1000, (index) => ({ value: `r${index}` })) }),
    );
    await expectSoon(() => send('PATCH', `/Users/${ann.id}`, body()));
  });

  it('a PATCH of a group, with filters that ask all its members', async () => {
    const members = many(10_000, (index) => ({ value: `m${index}` }));
    const { body: staff } = await send('POST', '/Groups', group('staff', { members }));
    const operations = many(500, () => ({ op: 'remove', path: 'members[type eq "User"]' }));
    await expectSoon(() => send('PATCH', `/Groups/${staff.id}`, patch(...operations)));
  });

  it.each(['attributes', 'excludedAttributes'])('a search, with many %s', async (name) => {
    for (const index of many(200, (number) => number)) {
      await send(
        'POST',
        '/Users',
        user(`u${index}`, { name: { givenName: 'A', familyName: 'B' }, emails: [{ value: 'a' }] }),
      );
    }
    await expectSoon(() =>
      send('POST', '/Users/.search', { [name]: many(100_000, (index) => `a${index}`), count: 200 }),
    );
  });
});

async function expectSoon(ask: () => ReturnType<Send>): Promise<void> {
  const started = performance.now();
  const { status } = await ask();
  expect(status).toBeLessThan(500);
  expect(Math.round(performance.now() - started)).toBeLessThan(PATIENCE);
}
