import type { ScimServer } from './server.ts';

/** Of the first provider. */
export const TOKEN = 'correct-horse-battery-staple';

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
  readonly body: any;
};

export type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

/** A client of the SCIM endpoints; a body that is a text is sent as it is. */
export function scimClient({ scim }: Pick<ScimServer, 'scim'>, token = TOKEN): Send {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${scim}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json', ...headers },
      redirect: 'manual',
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
}

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const MATRIX_USER = 'urn:matrix-usher:scim:schemas:extension:1.0:User';
export const MATRIX_GROUP = 'urn:matrix-usher:scim:schemas:extension:1.0:Group';
export const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
export const BULK_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
export const BULK_RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';
export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

export function user(userName: string, rest: object = {}) {
  return { schemas: [USER], userName, ...rest };
}

export function group(displayName: string, rest: object = {}) {
  return { schemas: [GROUP], displayName, ...rest };
}

export function patch(...operations: object[]) {
  return { schemas: [PATCH_OP], Operations: operations };
}

export function bulk(...operations: object[]) {
  return { schemas: [BULK_REQUEST], Operations: operations };
}
