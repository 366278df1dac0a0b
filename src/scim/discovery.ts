import type { JsonObject } from './json.ts';
import { type ResourceType, resourceTypes } from './schema/resource-type.ts';
import { resourceTypeSchema, schemaSchema, serviceProviderConfigSchema } from './schema/service-provider.ts';
import { RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG, sameUrn } from './urns.ts';

/** What is announced, and kept. `maxOperations` is of a bulk request, `maxBodyBytes` of any. */
export type Limits = {
  readonly maxResults: number;
  readonly maxOperations: number;
  readonly maxBodyBytes: number;
};

/**
 * RFC 7643 §5. `baseUri` is where the endpoints are, without a slash at the end. Authentik sends as many operations
 * in one PATCH as `maxOperations` says, and drops the whole document if the number is missing. `eventUris` are the events
 * that somebody is told of (RFC 9967 §4: "when absent", the feed is not configured); clients can neither ask for a feed
 * nor for an answer by one.
 */
export function serviceProviderConfig(
  baseUri: string,
  limits: Limits,
  eventUris?: readonly string[] | undefined,
): JsonObject {
  return {
    schemas: [SERVICE_PROVIDER_CONFIG],
    patch: { supported: true },
    bulk: { supported: true, maxOperations: limits.maxOperations, maxPayloadSize: limits.maxBodyBytes },
    filter: { supported: true, maxResults: limits.maxResults },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    ...(eventUris !== undefined && { securityEvents: { asyncRequest: 'none', eventUris } }),
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'OAuth Bearer Token',
        description: 'Static bearer token in the Authorization header',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: {
      resourceType: 'ServiceProviderConfig',
      location: `${baseUri}/ServiceProviderConfig`,
    },
  };
}

/** RFC 7643 §6. */
export function resourceTypeDocuments(baseUri: string): readonly JsonObject[] {
  return resourceTypes.map((type) => resourceTypeDocument(type, baseUri));
}

export function resourceTypeNamed(id: string, baseUri: string): JsonObject | undefined {
  const type = resourceTypes.find(({ name }) => name === id);
  return type && resourceTypeDocument(type, baseUri);
}

function resourceTypeDocument(type: ResourceType, baseUri: string): JsonObject {
  const { name, endpoint, description, schema, extensions } = type;
  return {
    schemas: [RESOURCE_TYPE],
    id: name,
    name,
    endpoint,
    description,
    schema: schema.id,
    schemaExtensions: extensions.map(({ id }) => ({ schema: id, required: false })),
    meta: { resourceType: 'ResourceType', location: `${baseUri}/ResourceTypes/${name}` },
  };
}

/** RFC 7643 §7. */
export function schemaDocuments(baseUri: string): readonly JsonObject[] {
  const ofResources = resourceTypes.flatMap(({ schema, extensions }) => [schema, ...extensions]);
  return [...ofResources, serviceProviderConfigSchema, resourceTypeSchema, schemaSchema].map((schema) => ({
    schemas: [SCHEMA],
    ...schema,
    meta: { resourceType: 'Schema', location: `${baseUri}/Schemas/${schema.id}` },
  }));
}

export function schemaNamed(urn: string, baseUri: string): JsonObject | undefined {
  return schemaDocuments(baseUri).find(({ id }) => sameUrn(String(id), urn));
}
