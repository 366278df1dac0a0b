import type { Attribute, Schema } from './schema/attribute.ts';
import { enterpriseUserSchema } from './schema/enterprise-user.ts';
import { groupSchema } from './schema/group.ts';
import { matrixGroupSchema, matrixUserSchema } from './schema/matrix.ts';
import { userSchema } from './schema/user.ts';
import { BULK_REQUEST, BULK_RESPONSE, ERROR, LIST_RESPONSE, PATCH_OP } from './urns.ts';

type Json = Readonly<Record<string, unknown>>;

/** SCIM as OpenAPI 3.1 describes it: paths, and the schemas that they name. */
export type ScimDescription = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly schemas: Readonly<Record<string, Json>>;
};

const TYPES: Readonly<Record<string, Json>> = {
  boolean: { type: 'boolean' },
  decimal: { type: 'number' },
  integer: { type: 'integer' },
  dateTime: { type: 'string', format: 'date-time' },
  reference: { type: 'string', format: 'uri-reference' },
};
const COMMON: Readonly<Record<string, Json>> = {
  schemas: { type: 'array', items: { type: 'string' } },
  id: { type: 'string', readOnly: true },
  externalId: { type: 'string' },
  meta: { type: 'object', readOnly: true },
};

const refTo = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const scim = (schema: Json): Json => ({ 'application/scim+json': { schema } });
const parameter = (name: string, description: string): Json => ({
  ...{ name, in: 'query', description, schema: { type: 'string' } },
});
const ID: Json = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const PROJECTION: readonly Json[] = [
  parameter('attributes', 'What is returned, separated by commas (RFC 7644 §3.9)'),
  parameter('excludedAttributes', 'What is not returned, separated by commas'),
];
const QUERY: readonly Json[] = [
  parameter('filter', 'As in RFC 7644 §3.4.2.2'),
  parameter('sortBy', 'The name of an attribute'),
  parameter('sortOrder', 'ascending or descending'),
  { ...parameter('startIndex', 'Counts from 1'), schema: { type: 'integer', minimum: 1 } },
  { ...parameter('count', 'At most so many'), schema: { type: 'integer', minimum: 0 } },
  ...PROJECTION,
];
const FAILED: Json = { description: 'What is wrong (RFC 7644 §3.12)', content: scim(refTo('ScimError')) };

/** Made of the schemas that `/Schemas` shows. `basePath` has no slash at its end. */
export function scimDescription(basePath: string): ScimDescription {
  const endpoint = (name: string, resource: string): ScimDescription['paths'] => ({
    [`${basePath}/${name}`]: {
      get: operation(`list${name}`, `List ${name}`, { parameters: QUERY, answers: { 200: 'ScimList' } }),
      post: operation(`create${resource}`, `Make a ${resource}`, {
        body: resource,
        answers: { 201: resource },
      }),
    },
    [`${basePath}/${name}/.search`]: {
      post: operation(`search${name}`, `List ${name}; the query is the body`, {
        ...{ body: 'ScimSearch', answers: { 200: 'ScimList' } },
      }),
    },
    [`${basePath}/${name}/{id}`]: {
      get: operation(`get${resource}`, `Show a ${resource}`, {
        ...{ parameters: [ID, ...PROJECTION], answers: { 200: resource } },
      }),
      put: operation(`replace${resource}`, `Replace a ${resource}`, {
        ...{ parameters: [ID], body: resource, answers: { 200: resource } },
      }),
      patch: operation(`patch${resource}`, `Change a ${resource}`, {
        ...{ parameters: [ID], body: 'ScimPatch', answers: { 200: resource, 204: undefined } },
      }),
      delete: operation(`delete${resource}`, `Delete a ${resource}`, {
        ...{ parameters: [ID], answers: { 204: undefined } },
      }),
    },
  });
  const shown = (id: string, path: string, summary: string): ScimDescription['paths'] => ({
    [`${basePath}${path}`]: { get: operation(id, summary, { answers: { 200: 'ScimDocument' } }) },
  });
  return {
    paths: {
      ...endpoint('Users', 'User'),
      ...endpoint('Groups', 'Group'),
      [`${basePath}/.search`]: {
        post: operation('searchAll', 'List users and groups', {
          ...{ body: 'ScimSearch', answers: { 200: 'ScimList' } },
        }),
      },
      [`${basePath}/Bulk`]: {
        post: operation('bulk', 'Several operations in one request', {
          ...{ body: 'ScimBulk', answers: { 200: 'ScimBulkAnswer' } },
        }),
      },
      ...shown('getServiceProviderConfig', '/ServiceProviderConfig', 'What is supported'),
      ...shown('getResourceTypes', '/ResourceTypes', 'The kinds of resources'),
      ...shown('getSchemas', '/Schemas', 'The attributes'),
    },
    schemas: {
      User: resource(userSchema, [enterpriseUserSchema, matrixUserSchema]),
      Group: resource(groupSchema, [matrixGroupSchema]),
      ...MESSAGES,
    },
  };
}

type Parts = {
  readonly parameters?: readonly Json[];
  readonly body?: string;
  /** The schema of each answer, by status. */
  readonly answers: Readonly<Record<number, string | undefined>>;
};

function operation(operationId: string, summary: string, { parameters = [], body, answers }: Parts): Json {
  const responses = Object.entries(answers).map(([status, name]) => [
    status,
    { description: 'As described', ...(name !== undefined && { content: scim(refTo(name)) }) },
  ]);
  return {
    ...{ operationId, tags: ['SCIM'], summary, parameters },
    ...(body !== undefined && { requestBody: { required: true, content: scim(refTo(body)) } }),
    responses: { ...Object.fromEntries(responses), default: FAILED },
  };
}

function resource(core: Schema, extensions: readonly Schema[]): Json {
  const { properties, required } = objectOf(core.attributes);
  return {
    type: 'object',
    description: core.description,
    required: ['schemas', ...required],
    properties: {
      ...{ ...COMMON, ...properties },
      ...Object.fromEntries(extensions.map(({ id, attributes }) => [id, objectOf(attributes)])),
    },
  };
}

function objectOf(attributes: readonly Attribute[]) {
  return {
    type: 'object',
    // A property that is called `$ref` is taken for a reference by most tools.
    properties: Object.fromEntries(
      attributes.filter(({ name }) => name !== '$ref').map((each) => [each.name, schemaOf(each)]),
    ),
    required: attributes.filter(({ required }) => required).map(({ name }) => name),
  };
}

function schemaOf(attribute: Attribute): Json {
  const { description, mutability, multiValued } = attribute;
  const single: Json =
    attribute.type === 'complex'
      ? objectOf(attribute.subAttributes)
      : (TYPES[attribute.type] ?? { type: 'string' });
  return {
    ...(multiValued ? { type: 'array', items: single } : single),
    description,
    ...(mutability === 'readOnly' && { readOnly: true }),
    ...(mutability === 'writeOnly' && { writeOnly: true }),
  };
}

const message = (urn: string, properties: Readonly<Record<string, Json>>): Json => ({
  type: 'object',
  required: ['schemas'],
  properties: { schemas: { type: 'array', items: { type: 'string', const: urn } }, ...properties },
});
const objects: Json = { type: 'array', items: { type: 'object' } };

/** RFC 7644 §3.4, §3.5.2, §3.7 and §3.12. */
const MESSAGES: Readonly<Record<string, Json>> = {
  ScimList: message(LIST_RESPONSE, {
    ...{ totalResults: { type: 'integer' }, startIndex: { type: 'integer' } },
    ...{ itemsPerPage: { type: 'integer' }, Resources: objects },
  }),
  ScimSearch: message('urn:ietf:params:scim:api:messages:2.0:SearchRequest', {
    ...{ filter: { type: 'string' }, sortBy: { type: 'string' }, sortOrder: { type: 'string' } },
    ...{ startIndex: { type: 'integer' }, count: { type: 'integer' } },
  }),
  ScimPatch: message(PATCH_OP, {
    Operations: {
      type: 'array',
      items: {
        type: 'object',
        required: ['op'],
        properties: { op: { enum: ['add', 'remove', 'replace'] }, path: { type: 'string' }, value: {} },
      },
    },
  }),
  ScimBulk: message(BULK_REQUEST, { failOnErrors: { type: 'integer' }, Operations: objects }),
  ScimBulkAnswer: message(BULK_RESPONSE, { Operations: objects }),
  ScimError: message(ERROR, {
    ...{ status: { type: 'string' }, scimType: { type: 'string' }, detail: { type: 'string' } },
  }),
  ScimDocument: { type: 'object' },
};
