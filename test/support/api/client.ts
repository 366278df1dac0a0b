import type { Scope } from '../../../src/access/token.ts';
import { createTokenDesk } from '../../../src/desk/tokens.ts';
import type { Store } from '../../../src/store/store.ts';
import type { Answer } from '../scim/client.ts';

export type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** A client of the API at `origin`; with no token, it sends none. */
export function apiClient(origin: string, token: string | undefined): Call {
  return async (method, path, body) => {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
}

/** The secret of a new token. */
export async function issueToken(
  store: Pick<Store, 'tokens' | 'journal'>,
  { name = 'test', scopes = ['admin'] as readonly Scope[], expires = undefined as number | undefined } = {},
): Promise<string> {
  const desk = createTokenDesk({ store, who: 'test', now: Date.now });
  const request = { name, scopes, source: 'default', networks: [], expires };
  return (await desk.create(request)).secret;
}
