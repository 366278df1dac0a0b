import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, group, PATCH_OP, patch, TOKEN, user } from '../support/scim/client.ts';
import { head, sendRaw } from '../support/scim/raw.ts';
import {
  bulk,
  ERROR,
  LONGEST_WAIT,
  MAX_BODY,
  many,
  nested,
  startTrial,
  type Trial,
} from '../support/scim/trial.ts';

vi.setConfig({ testTimeout: 30_000 });

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial.server.stop());
afterEach(() => trial.expectNoFault());

const MEGABYTE = 1_000_000;

const members = (count: number) => many(count, (index) => ({ value: `member-${index}` }));
const emails = (count: number) => many(count, (index) => ({ value: `${index}@example.com` }));
const terms = (count: number) => many(count, (index) => `userName eq "nobody-${index}"`).join(' or ');
const attributes = (count: number) => Object.fromEntries(many(count, (index) => [`k${index}`, 1]));

const post = (path: string, body: object) => trial.send('POST', path, body);
const search = (body: object) => post('/Users/.search', body);
const patchOf = (path: string, operations: readonly object[]) =>
  trial.send('PATCH', path, { schemas: [PATCH_OP], Operations: operations });
const ofAnn = (operations: readonly object[]) => patchOf(`/Users/${trial.ann}`, operations);
const ofStaff = (operations: readonly object[]) => patchOf(`/Groups/${trial.staff}`, operations);

describe('a body that is too large', () => {
  const packed = gzipSync(Buffer.alloc(200 * MEGABYTE, ' '));
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;

  it.each<[string, string, readonly (string | Buffer)[]]>([
    ['in one piece', `Content-Length: ${2 * MAX_BODY}`, ['x'.repeat(2 * MAX_BODY)]],
    ['in chunks', 'Transfer-Encoding: chunked', [chunk.repeat((2 * MAX_BODY) / 65_536), '0\r\n\r\n']],
    ['unpacked', `Content-Encoding: gzip\r\nContent-Length: ${packed.length}`, [packed]],
  ])('is refused %s, by an answer that arrives before the connection is closed', async (_, headers, body) => {
    const before = await trial.world();
    const request = `${head('POST', '/Users')}${headers}\r\n\r\n`;

    const answer = await trial.inTime(() => sendRaw(trial.server, request, ...body));

    expect(answer).toMatchObject({ status: 413, body: { schemas: [ERROR], status: '413' }, answers: 1 });
    expect(await trial.world()).toEqual(before);
  });
});

describe('a packed body', () => {
  const json = Buffer.from('{"userName":"bad"}');

  it.each<[string, number, Buffer]>([
    ['gzip', 400, json],
    ['gzip', 400, gzipSync(json).subarray(0, 25)],
    ['deflate', 400, json],
    ['br', 400, json],
    ['zstd', 415, json],
    ['gzip, gzip', 415, gzipSync(gzipSync(json))],
  ])('is refused if it can not be unpacked: %s', async (encoding, status, bytes) => {
    const before = await trial.world();
    const headers = `Content-Encoding: ${encoding}\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`;

    const answer = await trial.inTime(() => sendRaw(trial.server, head('POST', '/Users') + headers, bytes));

    expect(answer).toMatchObject({ status, body: { schemas: [ERROR], status: String(status) } });
    expect(await trial.world()).toEqual(before);
  });
});

describe('a PATCH', () => {
  const longPath = (length: number) => ({ op: 'add', path: `urn:${'a.'.repeat(length / 2)}!`, value: 1 });

  it.each<[string, () => Promise<Answer>]>([
    [
      '100,000 operations',
      () => ofStaff(many(100_000, () => ({ op: 'add', path: 'members', value: ['y'] }))),
    ],
    [
      '10,000 removals of all members',
      () => ofStaff(many(10_000, () => ({ op: 'remove', path: 'members' }))),
    ],
    [
      '10,000 operations about a user',
      () => ofAnn(many(10_000, () => ({ op: 'replace', path: 'title', value: 'x' }))),
    ],
    ['100 times 1,000 attributes', () => ofAnn(many(100, () => ({ op: 'add', value: attributes(1000) })))],
    [
      '100 times 1,000 e-mails',
      () => ofAnn(many(100, () => ({ op: 'remove', path: 'emails', value: emails(1000) }))),
    ],
    [
      '1,000 filters of 10 terms',
      () =>
        ofAnn(
          many(1000, () => ({
            op: 'remove',
            path: `emails[${many(10, (index) => `value co "${index}"`).join(' or ')}]`,
          })),
        ),
    ],
  ])('is refused with %s', async (_, request) => {
    await trial.expectRefusal(request, 413);
  });

  it.each<[string, () => Promise<Answer>, string]>([
    ['1,001 e-mails', () => ofAnn([{ op: 'add', path: 'emails', value: emails(1001) }]), 'invalidValue'],
    [
      'one e-mail too many',
      () => ofAnn([{ op: 'add', path: 'emails', value: emails(1000) }]),
      'invalidValue',
    ],
    [
      'a megabyte of title',
      () => ofAnn([{ op: 'add', path: 'title', value: 't'.repeat(MEGABYTE) }]),
      'invalidValue',
    ],
    ['a megabyte of path', () => ofAnn([longPath(MEGABYTE)]), 'invalidPath'],
    ['1,500 paths of five kilobytes', () => ofAnn(many(1500, () => longPath(5_000))), 'invalidPath'],
  ])('is not understood with %s', async (_, request, scimType) => {
    await trial.expectRefusal(request, 400, scimType);
  });

  it.each<[string, () => Promise<Answer>]>([
    [
      '10,000 members, one by one',
      () =>
        ofStaff(members(10_000).map(({ value }) => ({ op: 'remove', path: `members[value eq "${value}"]` }))),
    ],
    [
      '100,000 members who are not there',
      () => ofStaff([{ op: 'remove', path: 'members', value: members(100_000) }]),
    ],
    [
      '1,000 e-mails that are not there',
      () => ofAnn([{ op: 'remove', path: 'emails', value: emails(1000) }]),
    ],
    [
      '8,000 brackets that mean nothing',
      () => ofAnn([{ op: 'add', path: `a${nested('[', ']', 4_000)}`, value: 1 }]),
    ],
  ])('is served with %s', async (_, request) => {
    expect((await trial.inTime(request)).status).toBe(200);
  });

  it('adds 100,000 members and takes them away again, while others are served', async () => {
    const { id } = (await post('/Groups', group('huge'))).body;
    let isOver = false;
    const waits: number[] = [];
    const others = async () => {
      while (!isOver) {
        const began = performance.now();
        await trial.send('GET', '/Users/nobody');
        waits.push(performance.now() - began);
      }
    };
    const change = (op: string) =>
      trial.send('PATCH', `/Groups/${id}`, patch({ op, path: 'members', value: members(100_000) }));
    const changes = async () => {
      const added = await change('add');
      const isLarge = await trial.server.store.groups.isLargerThan(id, 99_999);
      const removed = await change('remove');
      isOver = true;
      return [added.status, isLarge, removed.status, removed.body.members];
    };

    const [results] = await Promise.all([changes(), others()]);

    expect(results).toEqual([204, true, 200, []]);
    expect(waits.length).toBeGreaterThan(10);
    expect(Math.max(...waits)).toBeLessThan(LONGEST_WAIT);
  });
});

describe('a resource', () => {
  it.each<[string, () => Promise<Answer>]>([
    ['1,001 e-mails', () => post('/Users', user('bad', { emails: emails(1001) }))],
    ['a megabyte of user name', () => post('/Users', user('n'.repeat(MEGABYTE)))],
    ['a megabyte of external id', () => post('/Users', user('bad', { externalId: 'e'.repeat(MEGABYTE) }))],
    [
      'a megabyte of e-mail',
      () => post('/Users', user('bad', { emails: [{ value: 'e'.repeat(MEGABYTE) }] })),
    ],
    ['a megabyte of group name', () => post('/Groups', group('é'.repeat(MEGABYTE / 2)))],
    [
      'a megabyte of member',
      () => post('/Groups', group('bad', { members: [{ value: 'm'.repeat(MEGABYTE) }] })),
    ],
    [
      'a million accents on one letter',
      () => post('/Users', user(`a${'\u0301\u0316'.repeat(MEGABYTE / 2)}`)),
    ],
  ])('is refused with %s', async (_, request) => {
    await trial.expectRefusal(request, 400, 'invalidValue');
  });

  it.each<[string, () => Promise<Answer>]>([
    ['1,000 e-mails', () => post('/Users', user('1,000 e-mails', { emails: emails(1000) }))],
    [
      'a picture of half a megabyte',
      () => post('/Users', user('picture', { photos: [{ value: `data:${'x'.repeat(MEGABYTE / 2)}` }] })),
    ],
    [
      'half a megabyte that no schema knows',
      () => post('/Users', user('blob', { blob: 'é'.repeat(MEGABYTE / 2) })),
    ],
    ['8,000 accents on one letter', () => post('/Users', user(`a${'\u0301\u0316'.repeat(4_000)}`))],
  ])('is kept with %s', async (_, request) => {
    expect((await trial.inTime(request)).status).toBe(201);
  });
});

describe('a search', () => {
  const filtered = (filter: string) => () => search({ filter });

  it.each<[string, () => Promise<Answer>, string]>([
    ['10,000 terms', filtered(terms(10_000)), 'invalidFilter'],
    ['10,000 terms about all kinds', () => post('/.search', { filter: terms(10_000) }), 'invalidFilter'],
    ['3,000 parentheses', filtered(nested('(', ')', 3_000)), 'invalidFilter'],
    ['1,000 negations', filtered(`${'not ('.repeat(1000)}title pr${')'.repeat(1000)}`), 'invalidFilter'],
    [
      'a million brackets among the attributes',
      () => search({ attributes: '['.repeat(MEGABYTE) }),
      'invalidValue',
    ],
    ['700,000 attributes', () => search({ attributes: many(700_000, String) }), 'invalidValue'],
  ])('is refused with %s', async (_, request, scimType) => {
    await trial.expectRefusal(request, 400, scimType);
  });

  it.each<[string, string]>([
    ['that an index could answer one by one', terms(300)],
    ['that no index answers', terms(300).replaceAll('userName eq', 'emails co')],
  ])('is served with 300 terms %s', async (_, filter) => {
    expect((await trial.inTime(filtered(filter))).body.totalResults).toBe(0);
  });
});

describe('a bulk request', () => {
  it('is refused with more operations than were announced', async () => {
    const operations = many(5_000, (index) => ({
      method: 'POST',
      path: '/Users',
      bulkId: `${index}`,
      data: user(`bad-${index}`),
    }));
    await trial.expectRefusal(() => post('/Bulk', bulk(...operations)), 413);
  });
});

describe('what is no HTTP request', () => {
  const get = head('GET', '/Users');
  const send = head('POST', '/Users');

  it.each<[string, string, number]>([
    ['headers that are too long', `${get}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a URL that is too long', `${head('GET', `/Users?filter=${'x'.repeat(20_000)}`)}\r\n`, 431],
    ['another protocol', 'EHLO usher\r\n\r\n', 400],
    ['a header without a name', `${get}: x\r\n\r\n`, 400],
    ['a token with letters that no header has', `${get.replace(TOKEN, 'x\u0001')}\r\n`, 400],
    ['two lengths', `${send}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
    ['a length and chunks', `${send}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
    ['a length that is no number', `${send}Content-Length: -1\r\n\r\n`, 400],
  ])('is refused with a SCIM error: %s', async (_, text, status) => {
    const before = await trial.world();

    const answer = await trial.inTime(() => sendRaw(trial.server, text));

    const body = { schemas: [ERROR], status: String(status), detail: expect.any(String) };
    expect(answer).toMatchObject({ status, type: 'application/scim+json', body });
    expect(await trial.world()).toEqual(before);
  });
});
