import type { Resource } from '../directory/resource.ts';
import type { JsonObject } from './json.ts';
import { versionOf } from './version.ts';

type Kind = 'User' | 'Group';

/** Makes the absolute URI of a resource. */
export type Locate = (kind: Kind, id: string) => string;

/** RFC 7643 §3.1. `shown` is what the representation has that nobody wrote into the resource itself. */
export function metaOf(resource: Resource, resourceType: Kind, shown: unknown, locate: Locate): JsonObject {
  return {
    resourceType,
    created: new Date(resource.created).toISOString(),
    lastModified: new Date(resource.lastModified).toISOString(),
    location: locate(resourceType, resource.id),
    version: versionOf(resource, shown),
  };
}
