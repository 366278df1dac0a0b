import { describe, expect, it } from 'vitest';
import {
  bulkResponse,
  readBulk,
  readBulkOperation,
  referencesOf,
  withReferences,
} from '../../src/scim/bulk.ts';
import { BULK_REQUEST, BULK_RESPONSE, bulk, group, patch, user } from '../support/scim/client.ts';

const refused = (status: number, scimType?: string) => expect.objectContaining({ status, scimType });

describe('a bulk request', () => {
  const post = { method: 'POST', path: '/Users', bulkId: 'a', data: user('ann') };

  it('has operations, and goes on after errors unless it says otherwise', () => {
    expect(readBulk(bulk(post), 10)).toEqual({ failOnErrors: Number.POSITIVE_INFINITY, operations: [post] });
    expect(readBulk({ ...bulk(), failOnErrors: 2 }, 10)).toEqual({ failOnErrors: 2, operations: [] });
    expect(readBulk({ ...bulk(), failOnErrors: null }, 10).failOnErrors).toBe(Number.POSITIVE_INFINITY);
  });

  it('names its schema in any case, and others beside it', () => {
    const schemas = ['urn:example:other', BULK_REQUEST.toUpperCase()];
    expect(readBulk({ ...bulk(post), schemas }, 10).operations).toEqual([post]);
  });

  it('has names in any case', () => {
    const body = {
      SCHEMAS: [BULK_REQUEST],
      failonerrors: 1,
      operations: [{ Method: 'POST', PATH: '/Users', bulkid: 'a', Data: post.data }],
    };
    expect(readBulk(body, 10)).toEqual({ failOnErrors: 1, operations: [post] });
  });

  it.each<[string, unknown]>([
    ['a list', []],
    ['nothing', undefined],
    ['no schemas', { Operations: [] }],
    ['the schema of the answer', { ...bulk(), schemas: [BULK_RESPONSE] }],
    ['no operations', { schemas: [BULK_REQUEST] }],
    ['operations that are no list', { schemas: [BULK_REQUEST], Operations: post }],
    ['an operation that is no object', { schemas: [BULK_REQUEST], Operations: ['DELETE'] }],
    ['no errors at all to fail on', { ...bulk(), failOnErrors: 0 }],
    ['less than none', { ...bulk(), failOnErrors: -1 }],
    ['half an error', { ...bulk(), failOnErrors: 1.5 }],
    ['errors as a text', { ...bulk(), failOnErrors: '1' }],
    ['a bulkId that is there twice', bulk(post, { ...post, path: '/Groups' })],
  ])('is refused with invalidSyntax for %s', (_, body) => {
    expect(() => readBulk(body, 10)).toThrow(refused(400, 'invalidSyntax'));
  });

  it('is refused with 413 for one operation too many, and told the limit', () => {
    const operations = Array.from({ length: 3 }, (_, index) => ({ ...post, bulkId: `b${index}` }));
    expect(readBulk(bulk(...operations), 3).operations).toHaveLength(3);
    expect(() => readBulk(bulk(...operations), 2)).toThrow(refused(413));
    expect(() => readBulk(bulk(...operations), 2)).toThrow(/\b2\b/);
  });
});

describe('an operation', () => {
  it.each<[object, object]>([
    [
      { method: 'POST', path: '/Users', bulkId: 'a', data: { x: 1 } },
      { method: 'POST', type: 'User', id: '', bulkId: 'a', data: { x: 1 } },
    ],
    [
      { method: 'post', path: 'Groups', bulkId: 'a', data: {} },
      { method: 'POST', type: 'Group', id: '', bulkId: 'a', data: {} },
    ],
    [
      { method: 'Put', path: '/Users/1', version: 'W/"3"', data: {} },
      { method: 'PUT', type: 'User', id: '1', version: 'W/"3"', data: {} },
    ],
    [
      { method: 'PATCH', path: '/Groups/bulkId:a', bulkId: 'mine', data: {} },
      { method: 'PATCH', type: 'Group', id: 'bulkId:a', bulkId: 'mine', data: {} },
    ],
    [
      { method: 'DELETE', path: '/Users/a%2Fb%20c' },
      { method: 'DELETE', type: 'User', id: 'a/b c' },
    ],
    [
      { method: 'DELETE', path: '/Users/1/' },
      { method: 'DELETE', type: 'User', id: '1' },
    ],
    [
      { method: 'POST', path: '/Users/', bulkId: 'a' },
      { method: 'POST', type: 'User', id: '', bulkId: 'a' },
    ],
  ])('%j is read', (raw, expected) => {
    expect(readBulkOperation(raw as never)).toEqual({
      ...{ bulkId: undefined, version: undefined, data: undefined },
      ...expected,
    });
  });

  it.each<[string, object]>([
    ['no method', { path: '/Users/1' }],
    ['a method that reads', { method: 'GET', path: '/Users/1' }],
    ['no path', { method: 'DELETE' }],
    ['a path that is no text', { method: 'DELETE', path: 5 }],
    ['POST without a bulkId', { method: 'POST', path: '/Users', data: {} }],
    ['POST with an empty bulkId', { method: 'POST', path: '/Users', bulkId: '', data: {} }],
    ['POST with a bulkId that is no text', { method: 'POST', path: '/Users', bulkId: 5, data: {} }],
    ['POST to one resource', { method: 'POST', path: '/Users/1', bulkId: 'a', data: {} }],
    ['PUT to all of them', { method: 'PUT', path: '/Users', data: {} }],
    ['DELETE of all of them', { method: 'DELETE', path: '/Users/' }],
    ['a version that is no text', { method: 'DELETE', path: '/Users/1', version: 3 }],
  ])('is refused with invalidSyntax for %s', (_, raw) => {
    expect(() => readBulkOperation(raw as never)).toThrow(refused(400, 'invalidSyntax'));
  });

  it.each([
    '',
    '/',
    '/Me',
    '/Bulk',
    '/Schemas/x',
    '/Users/1/2',
    '//Users/1',
    '/Users?filter=x',
    'https://example.com/Users/1',
    '/Users/%',
  ])('that leads nowhere is not found: %j', (path) => {
    expect(() => readBulkOperation({ method: 'DELETE', path })).toThrow(refused(404));
  });
});

describe('a reference', () => {
  const operation = (data: unknown, id = '') =>
    ({ method: 'PATCH', type: 'Group', id, bulkId: undefined, version: undefined, data }) as const;
  const idOf = (bulkId: string) => `<${bulkId}>`;

  it.each<[string, unknown, unknown]>([
    [
      'a member',
      group('x', { members: [{ value: 'bulkId:a' }, { value: 'u1' }] }),
      group('x', { members: [{ value: '<a>' }, { value: 'u1' }] }),
    ],
    [
      'a manager',
      { 'urn:x': { manager: { value: 'bulkId:a' } } },
      { 'urn:x': { manager: { value: '<a>' } } },
    ],
    [
      'a value of PATCH',
      patch({ op: 'add', path: 'members', value: [{ value: 'bulkId:a' }] }),
      patch({ op: 'add', path: 'members', value: [{ value: '<a>' }] }),
    ],
    [
      'a path of PATCH',
      patch({ op: 'remove', path: 'members[value eq "bulkId:a"]' }),
      patch({ op: 'remove', path: 'members[value eq "<a>"]' }),
    ],
    ['a name with blanks and colons', { value: 'bulkId:a: b' }, { value: '<a: b>' }],
  ])('is found and replaced in %s', (_, data, expected) => {
    expect(withReferences(operation(data), idOf).data).toEqual(expected);
    expect(referencesOf(operation(data)).size).toBe(1);
  });

  it('is found and replaced in the path of the operation', () => {
    expect(withReferences(operation({}, 'bulkId:a'), idOf).id).toBe('<a>');
    expect(referencesOf(operation({}, 'bulkId:a'))).toEqual(new Set(['a']));
  });

  it('is found once each, also twice in one path', () => {
    const path = 'members[value eq "bulkId:a" or value eq "bulkId:b"]';
    const data = patch(
      { op: 'remove', path },
      { op: 'add', path: 'members', value: [{ value: 'bulkId:a' }] },
    );
    expect(referencesOf(operation(data))).toEqual(new Set(['a', 'b']));
    expect(withReferences(operation(data), idOf).data).toMatchObject({
      Operations: [{ path: 'members[value eq "<a>" or value eq "<b>"]' }, { value: [{ value: '<a>' }] }],
    });
  });

  it.each([
    'bulkId',
    'bulkId:',
    'a bulkId:a',
    'BULKID:a',
    'value eq bulkId:a',
    'say "bulkId:a"',
    5,
    null,
    true,
  ])('is not %j', (value) => {
    expect(referencesOf(operation({ value })).size).toBe(0);
    expect(withReferences(operation({ value }), idOf).data).toEqual({ value });
  });

  it('changes nothing that was given', () => {
    const data = Object.freeze({ members: Object.freeze([Object.freeze({ value: 'bulkId:a' })]) });
    withReferences(operation(data), idOf);
    expect(data).toEqual({ members: [{ value: 'bulkId:a' }] });
  });
});

describe('the answer', () => {
  it('has statuses as texts, and nothing that is not there', () => {
    expect(bulkResponse([{ method: 'DELETE', location: 'https://x/Users/1', status: 204 }])).toEqual({
      schemas: [BULK_RESPONSE],
      Operations: [{ method: 'DELETE', location: 'https://x/Users/1', status: '204' }],
    });
  });
});
