import type { Resource } from '../directory/resource.ts';

type Kind = 'User' | 'Group';

/** Makes the absolute URI of a resource. */
export type Locate = (kind: Kind, id: string) => string;

/** RFC 7643 §3.1, without the location. */
export type Meta = { readonly resourceType: Kind; readonly created: string; readonly lastModified: string };

export function metaOf({ created, lastModified }: Resource, resourceType: Kind): Meta {
  return {
    resourceType,
    created: new Date(created).toISOString(),
    lastModified: new Date(lastModified).toISOString(),
  };
}
