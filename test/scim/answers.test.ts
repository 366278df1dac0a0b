import { describe, expect, it } from 'vitest';
import { schemaDocuments, serviceProviderConfig } from '../../src/scim/discovery.ts';
import { errorBody, ScimError } from '../../src/scim/error.ts';
import { isObject } from '../../src/scim/json.ts';
import { listHead, readPaging } from '../../src/scim/list.ts';
import { includes, project, readProjection } from '../../src/scim/projection.ts';
import { userType } from '../../src/scim/schema/resource-type.ts';
import { ENTERPRISE, USER } from '../support/scim/client.ts';

describe('paging', () => {
  it.each([
    [undefined, undefined, 1, 100],
    ['', '', 1, 100],
    ['0', '0', 1, 0],
    ['-5', '-5', 1, 0],
    ['3', '7', 3, 7],
    [3, 7, 3, 7],
    ['1', '1000', 1, 200],
    ['99999999', '200', 99_999_999, 200],
  ])('reads startIndex %s and count %s as %i and %i', (startIndex, count, first, number) => {
    expect(readPaging({ startIndex, count }, 200)).toEqual({ startIndex: first, count: number });
  });

  it.each(['ten', '1.5', '1e400', ['1', '2'], {}])('refuses %j', (value) => {
    const refusal = expect.objectContaining({ status: 400, scimType: 'invalidValue' });
    expect(() => readPaging({ startIndex: value }, 200)).toThrow(refusal);
    expect(() => readPaging({ count: value }, 200)).toThrow(refusal);
  });

  it('counts what is there, not what was asked for', () => {
    expect(listHead(1, 5, 5)).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 5,
      startIndex: 5,
      itemsPerPage: 1,
    });
  });
});

describe('a projection', () => {
  const ann = {
    schemas: [USER, ENTERPRISE],
    id: '1',
    userName: 'ann',
    name: { givenName: 'Ann', familyName: 'Lee' },
    emails: [{ type: 'work', value: 'a' }, { value: 'b' }],
    [ENTERPRISE]: { department: 'R&D', manager: { value: '7' } },
    meta: { resourceType: 'User' },
  };
  const { schemas, id, userName, meta } = ann;

  it.each<[unknown, object]>([
    ['userName', { schemas, id, userName }],
    ['USERNAME, meta', { schemas, id, userName, meta }],
    [['userName', 'meta'], { schemas, id, userName, meta }],
    ['name.givenName', { schemas, id, name: { givenName: 'Ann' } }],
    ['emails.value', { schemas, id, emails: [{ value: 'a' }, { value: 'b' }] }],
    [`${USER}:userName`, { schemas, id, userName }],
    [ENTERPRISE, { schemas, id, [ENTERPRISE]: ann[ENTERPRISE] }],
    [`${ENTERPRISE}:department`, { schemas, id, [ENTERPRISE]: { department: 'R&D' } }],
    [`${ENTERPRISE}:manager.value`, { schemas, id, [ENTERPRISE]: { manager: { value: '7' } } }],
    ['nonsense', { schemas, id }],
    [',', ann],
  ])('of %s has these and what is always there', (attributes, expected) => {
    expect(project(ann, readProjection(attributes, undefined, userType))).toEqual(expected);
  });

  it.each<[string, object]>([
    ['userName,name,emails,meta', { schemas, id, [ENTERPRISE]: ann[ENTERPRISE] }],
    [
      `name.givenName,emails.type,meta,${ENTERPRISE}`,
      {
        schemas,
        id,
        userName,
        name: { familyName: 'Lee' },
        emails: [{ value: 'a' }, { value: 'b' }],
      },
    ],
    ['id,schemas', ann],
    [`${ENTERPRISE}:manager`, { ...ann, [ENTERPRISE]: { department: 'R&D' } }],
  ])('without %s has the rest', (excluded, expected) => {
    expect(project(ann, readProjection(undefined, excluded, userType))).toEqual(expected);
  });

  it('says what need not be read', () => {
    expect(includes(readProjection(undefined, undefined, userType), 'members')).toBe(true);
    expect(includes(readProjection(undefined, 'Members', userType), 'members')).toBe(false);
    expect(includes(readProjection('userName', undefined, userType), 'members')).toBe(false);
    expect(includes(readProjection('members.value', undefined, userType), 'members')).toBe(true);
  });

  it('keeps to attributes where both are given', () => {
    expect(project(ann, readProjection('userName', 'userName', userType))).toEqual({ schemas, id, userName });
  });
});

describe('an error', () => {
  it('becomes a body with the status as text', () => {
    expect(errorBody(new ScimError(400, 'invalidFilter', 'It ends too early'))).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '400',
      scimType: 'invalidFilter',
      detail: 'It ends too early',
    });
    expect(errorBody(new ScimError(404, undefined, 'Gone'))).not.toHaveProperty('scimType');
  });

  it('has a type only beside its own status', () => {
    // @ts-expect-error uniqueness belongs to 409
    expect(new ScimError(400, 'uniqueness', 'x').status).toBe(400);
    // @ts-expect-error 404 has no type
    expect(new ScimError(404, 'noTarget', 'x').status).toBe(404);
  });
});

describe('discovery', () => {
  it('tells Authentik to patch, to filter, and to send a hundred operations at a time', () => {
    const limits = { maxResults: 200, maxOperations: 100, maxBodyBytes: 1_048_576 };
    expect(serviceProviderConfig('https://u.example/scim/v2', limits)).toMatchObject({
      patch: { supported: true },
      bulk: { supported: true, maxOperations: 100, maxPayloadSize: 1_048_576 },
      filter: { supported: true, maxResults: 200 },
      sort: { supported: true },
      etag: { supported: true },
      meta: { location: 'https://u.example/scim/v2/ServiceProviderConfig' },
    });
  });

  it('states every characteristic of every attribute', () => {
    const attributes = schemaDocuments('').flatMap((schema) => withParts(schema.attributes));

    expect(attributes.length).toBeGreaterThan(80);
    for (const attribute of attributes) {
      expect(attribute).toMatchObject({
        name: expect.any(String),
        type: expect.any(String),
        description: expect.any(String),
        multiValued: expect.any(Boolean),
        required: expect.any(Boolean),
        caseExact: expect.any(Boolean),
        mutability: expect.stringMatching(/^(readOnly|readWrite|immutable|writeOnly)$/),
        returned: expect.stringMatching(/^(always|never|default|request)$/),
        uniqueness: expect.stringMatching(/^(none|server|global)$/),
      });
      expect(Object.values(attribute)).not.toContain(undefined);
    }
  });
});

function withParts(attributes: unknown): readonly Record<string, unknown>[] {
  const list = Array.isArray(attributes) ? attributes.filter(isObject) : [];
  return list.flatMap((attribute) => [attribute, ...withParts(attribute.subAttributes)]);
}
