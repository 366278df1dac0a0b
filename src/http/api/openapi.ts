import { z } from 'zod';
import type { ScimDescription } from '../../scim/openapi.ts';
import type { Endpoint } from './endpoint.ts';
import { PROBLEM_TYPE } from './problem.ts';
import { API_PATH } from './router.ts';

type Schema = Readonly<Record<string, unknown>>;

const PROBLEM: Schema = {
  description: 'What is wrong (RFC 9457)',
  content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
};

const PROBLEM_SCHEMA: Schema = {
  type: 'object',
  required: ['status', 'detail'],
  properties: {
    status: { type: 'integer' },
    detail: { type: 'string' },
    mistakes: {
      type: 'array',
      items: {
        type: 'object',
        required: ['at', 'message'],
        properties: { at: { type: 'string', examples: ['body.name'] }, message: { type: 'string' } },
      },
    },
  },
};

export type Described = {
  /** Of Usher. */
  readonly version: string;
  /** What stands before the paths where they are reached, such as `/usher`; empty if nothing does. */
  readonly prefix: string;
  readonly endpoints: readonly Endpoint[];
  readonly scim: ScimDescription;
};

/** The description of the API (OpenAPI 3.1), made of the schemas that validate; and of SCIM, of those that it shows. */
export function openApi({ version, prefix, endpoints, scim }: Described): object {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const endpoint of endpoints) {
    const path = `${API_PATH}${endpoint.path}`;
    paths[path] = { ...paths[path], [endpoint.method]: operationOf(endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Usher',
      version,
      description: 'What admins do, and SCIM 2.0 (RFC 7643, RFC 7644) for identity providers.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: prefix === '' ? '/' : prefix }],
    security: [{ token: [] }],
    paths: { ...paths, ...scim.paths },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token: docs/tokens.md' },
      },
      schemas: { Problem: PROBLEM_SCHEMA, ...scim.schemas },
    },
  };
}

function operationOf(endpoint: Endpoint): Schema {
  const { method, path, scope, tag, summary, params, query, body, status, answer, stream } = endpoint;
  return {
    operationId: `${method}${path.replaceAll(/[/{}]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    tags: [tag],
    summary,
    description: `Needs the scope \`${scope}\`.`,
    parameters: [...parametersOf('path', params), ...parametersOf('query', query)],
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } },
    }),
    responses: {
      [status]: {
        description: answer === undefined ? 'Done' : 'As described',
        ...(answer !== undefined && {
          content: { [stream?.type ?? 'application/json']: { schema: schemaOf(answer, 'output') } },
        }),
      },
      ...Object.fromEntries(['400', '401', '403', '404', 'default'].map((each) => [each, PROBLEM])),
    },
  };
}

function parametersOf(place: 'path' | 'query', schema: z.ZodType): readonly Schema[] {
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    ...{ name, in: place, required: place === 'path' || required.includes(name), schema: property },
    ...('description' in property && { description: property.description }),
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return rest;
}
