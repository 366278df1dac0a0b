import { type Attribute, complex, dateTime, reference, type Schema, string } from './attribute.ts';
import { enterpriseUserSchema } from './enterprise-user.ts';
import { groupSchema } from './group.ts';
import { matrixGroupSchema, matrixUserSchema } from './matrix.ts';
import { userSchema } from './user.ts';

/** RFC 7643 §6. */
export type ResourceType = {
  readonly name: 'User' | 'Group';
  readonly endpoint: '/Users' | '/Groups';
  readonly description: string;
  readonly schema: Schema;
  readonly extensions: readonly Schema[];
  /** All that can stand at the top of a resource; an extension is one complex attribute with its URN as name. */
  readonly attributes: readonly Attribute[];
};

const readOnly = { mutability: 'readOnly', caseExact: true } as const;

/** RFC 7643 §3 and §3.1: part of every resource and of no schema. */
const common: readonly Attribute[] = [
  string('schemas', 'The schemas that the resource follows.', { multiValued: true, returned: 'always' }),
  string('id', 'Our identifier.', { ...readOnly, returned: 'always', uniqueness: 'server' }),
  string('externalId', "The provider's identifier.", { caseExact: true }),
  complex(
    'meta',
    'About the resource.',
    [
      string('resourceType', 'User or Group.', readOnly),
      dateTime('created', 'When the resource was created.', readOnly),
      dateTime('lastModified', 'When the resource was last changed.', readOnly),
      reference('location', 'The URI of the resource.', ['uri'], readOnly),
      string('version', 'The entity tag of the resource.', readOnly),
    ],
    { mutability: 'readOnly' },
  ),
];

function containerOf({ id, description, attributes }: Schema): Attribute {
  const isOurs = attributes.every(({ mutability }) => mutability === 'readOnly');
  return complex(id, description, attributes, isOurs ? { mutability: 'readOnly' } : {});
}

export const userType: ResourceType = {
  name: 'User',
  endpoint: '/Users',
  description: userSchema.description,
  schema: userSchema,
  extensions: [enterpriseUserSchema, matrixUserSchema],
  attributes: [
    ...common,
    ...userSchema.attributes,
    containerOf(enterpriseUserSchema),
    containerOf(matrixUserSchema),
  ],
};

export const groupType: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  description: groupSchema.description,
  schema: groupSchema,
  extensions: [matrixGroupSchema],
  attributes: [...common, ...groupSchema.attributes, containerOf(matrixGroupSchema)],
};

export const resourceTypes: readonly ResourceType[] = [userType, groupType];
