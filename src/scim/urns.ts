/** The URNs of RFC 7643 §10 and RFC 7644 §8.2 that we speak. They compare without regard to case (RFC 8141 §3.1). */
export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENTERPRISE_USER = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const SERVICE_PROVIDER_CONFIG = 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig';
export const RESOURCE_TYPE = 'urn:ietf:params:scim:schemas:core:2.0:ResourceType';
export const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Schema';
export const LIST_RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
export const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
export const BULK_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
export const BULK_RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';
export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** Our own extensions; the name space is that of the package. */
export const MATRIX_USER = 'urn:matrix-usher:scim:schemas:extension:1.0:User';
export const MATRIX_GROUP = 'urn:matrix-usher:scim:schemas:extension:1.0:Group';

export function sameUrn(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
