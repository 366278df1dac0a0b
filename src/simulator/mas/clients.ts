import type { JSONWebKeySet } from 'jose';

/** How a client proves who it is; none of them may prove it by another way. */
export type ClientSecret =
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secret: string }
  | { readonly method: 'private_key_jwt'; readonly jwks: JSONWebKeySet };

/** A client of the configuration. */
export type MasClient = {
  /** A ULID; the client's `client_id`, too. */
  readonly id: string;
  authentication: ClientSecret;
  /** Whether it is one of `policy.data.admin_clients`. */
  isAdmin: boolean;
};

export type Clients = {
  get(id: string): MasClient | undefined;
  add(authentication: ClientSecret): MasClient;
};

export function createClients(newId: () => string): Clients {
  const clients = new Map<string, MasClient>();
  return {
    get: (id) => clients.get(id),
    add(authentication) {
      const client = { id: newId(), authentication, isAdmin: true };
      clients.set(client.id, client);
      return client;
    },
  };
}
