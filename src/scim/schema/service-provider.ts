import { RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG } from '../urns.ts';
import {
  type Attribute,
  boolean,
  type ComplexAttribute,
  complex,
  integer,
  reference,
  type Schema,
  string,
} from './attribute.ts';

/** RFC 7643 §8.7.2: the schemas of what discovery answers with. All of it is ours to say. */

const ours = { mutability: 'readOnly' } as const;
const required = { ...ours, required: true } as const;

function supported(name: string, description: string, limits: readonly Attribute[] = []): ComplexAttribute {
  const flag = boolean('supported', 'Whether it is supported.', required);
  return complex(name, description, [flag, ...limits], required);
}

const authenticationSchemes = complex(
  'authenticationSchemes',
  'How a client may identify itself.',
  [
    string('type', 'The kind of the scheme.', {
      ...required,
      canonicalValues: ['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest'],
    }),
    string('name', 'The name of the scheme.', required),
    string('description', 'What the scheme is.', required),
    reference('specUri', 'Its specification.', ['external'], ours),
    reference('documentationUri', 'How it is used.', ['external'], ours),
    boolean('primary', 'Whether this is the preferred scheme.', ours),
  ],
  { ...required, multiValued: true },
);

export const serviceProviderConfigSchema: Schema = {
  id: SERVICE_PROVIDER_CONFIG,
  name: 'ServiceProviderConfig',
  description: 'What the service supports',
  attributes: [
    reference('documentationUri', 'The documentation of the service.', ['external'], ours),
    supported('patch', 'PATCH.'),
    supported('bulk', 'Bulk requests.', [
      integer('maxOperations', 'Operations in one request, at most.', required),
      integer('maxPayloadSize', 'Bytes of one request, at most.', required),
    ]),
    supported('filter', 'Filters.', [integer('maxResults', 'Resources in one answer, at most.', required)]),
    supported('changePassword', 'Changing passwords.'),
    supported('sort', 'Sorting.'),
    supported('etag', 'Entity tags.'),
    complex(
      'securityEvents',
      'Events that a receiver is told of (RFC 9967 §4). Absent if there is none.',
      [
        string('asyncRequest', 'Whether a request may be answered by an event.', {
          ...ours,
          canonicalValues: ['none', 'long', 'request'],
        }),
        string('eventUris', 'The URIs of the events.', { ...ours, multiValued: true, caseExact: true }),
      ],
      ours,
    ),
    authenticationSchemes,
  ],
};

export const resourceTypeSchema: Schema = {
  id: RESOURCE_TYPE,
  name: 'ResourceType',
  description: 'A type of resources',
  attributes: [
    string('id', 'The id of the type, often its name.', ours),
    string('name', 'The name of the type.', required),
    string('description', 'What the type is.', ours),
    reference('endpoint', 'Where resources of the type are, behind the base URL.', ['uri'], required),
    reference('schema', 'The URI of the core schema.', ['uri'], { ...required, caseExact: true }),
    complex(
      'schemaExtensions',
      'The extensions of the type.',
      [
        reference('schema', 'The URI of the extension.', ['uri'], { ...required, caseExact: true }),
        boolean('required', 'Whether each resource has to have it.', required),
      ],
      { ...ours, multiValued: true },
    ),
  ],
};

/** RFC 7643 §7. `subAttributes` has the same parts once more; no schema can say so. */
function attributeParts(subAttributes: readonly Attribute[]): readonly Attribute[] {
  return [
    string('name', 'The name of the attribute.', { ...required, caseExact: true }),
    string('type', 'The type of its value.', {
      ...required,
      canonicalValues: [
        'string',
        'complex',
        'boolean',
        'decimal',
        'integer',
        'dateTime',
        'reference',
        'binary',
      ],
    }),
    boolean('multiValued', 'Whether it may have several values.', required),
    string('description', 'What the attribute is.', ours),
    boolean('required', 'Whether it has to be there.', ours),
    string('canonicalValues', 'Values that are suggested.', { ...ours, multiValued: true, caseExact: true }),
    boolean('caseExact', 'Whether upper and lower case differ.', ours),
    string('mutability', 'Whether it can be written.', {
      ...ours,
      caseExact: true,
      canonicalValues: ['readOnly', 'readWrite', 'immutable', 'writeOnly'],
    }),
    string('returned', 'When it is returned.', {
      ...ours,
      caseExact: true,
      canonicalValues: ['always', 'never', 'default', 'request'],
    }),
    string('uniqueness', 'Among which resources the value is unique.', {
      ...ours,
      caseExact: true,
      canonicalValues: ['none', 'server', 'global'],
    }),
    string('referenceTypes', 'What a reference may lead to.', {
      ...ours,
      multiValued: true,
      caseExact: true,
    }),
    ...subAttributes,
  ];
}

export const schemaSchema: Schema = {
  id: SCHEMA,
  name: 'Schema',
  description: 'The attributes of a resource, or of an extension',
  attributes: [
    string('id', 'The URI of the schema.', required),
    string('name', 'The name of the schema.', ours),
    string('description', 'What the schema is.', ours),
    complex(
      'attributes',
      'The attributes.',
      attributeParts([
        complex('subAttributes', 'The parts of a complex attribute.', attributeParts([]), {
          ...ours,
          multiValued: true,
        }),
      ]),
      { ...required, multiValued: true },
    ),
  ],
};
