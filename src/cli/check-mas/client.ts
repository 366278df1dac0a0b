import type { MasClient } from '../../config/matrix-auth.ts';
import { pasted } from '../check-report.ts';

/** What to put into the configuration of MAS so that it takes our client, by the error of its token endpoint (RFC 6749, 5.2). */
export function clientRemedy(code: string | undefined, client: MasClient): string {
  return code === 'invalid_scope'
    ? `put this into the configuration of MAS, and restart it:${adminClients(client)}`
    : `have the same in the configuration of MAS, and restart it (or "mas-cli config sync"):${clients(client)}`;
}

function adminClients({ id }: MasClient): string {
  return pasted(`
policy:
  data:
    admin_clients: [${id}]`);
}

function clients(client: MasClient): string {
  const proof =
    'secret' in client
      ? `
    client_auth_method: client_secret_basic
    client_secret: <what MAS_CLIENT_SECRET is>`
      : `
    client_auth_method: private_key_jwt
    jwks: { keys: [<the public key of MAS_CLIENT_KEY_FILE, as a JWK>] }`;
  return pasted(`
clients:
  - client_id: ${client.id}${proof}`);
}
