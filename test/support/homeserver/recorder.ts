import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { UserId } from '../../../src/matrix/ids.ts';
import { createSynapseClient } from '../../../src/synapse/client.ts';
import { createSynapseHomeserver } from '../../../src/synapse/homeserver.ts';

export const SERVER = 'usher.test';

export type Seen = { readonly method: string; readonly url: string };

/** A homeserver that writes down what it is asked, with an answer for each path. */
export async function recorder(answer: (seen: Seen) => unknown = () => ({})) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const one = { method: request.method ?? '', url: request.url ?? '' };
    seen.push(one);
    response.setHeader('content-type', 'application/json');
    request.resume().on('end', () => response.end(JSON.stringify(answer(one))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createSynapseClient({ baseUrl, token: 'a-token-of-the-tests', timeoutMs: 5_000 });
  const bot = `@usher:${SERVER}` as UserId;
  return { seen, homeserver: createSynapseHomeserver({ client, bot }) };
}

/** All paths that Usher may ask for; a variable is one segment, whatever is in it. */
const ROUTES = [
  '/_synapse/admin/v2/users',
  '/_synapse/admin/v2/users/*',
  '/_synapse/admin/v1/suspend/*',
  '/_synapse/admin/v1/deactivate/*',
  '/_synapse/admin/v1/auth_providers/*/users/*',
  '/_synapse/admin/v1/threepid/email/users/*',
  '/_synapse/admin/v1/username_available',
  '/_synapse/admin/v1/users/*/memberships',
  '/_synapse/admin/v1/users/*/admin',
  '/_synapse/admin/v1/users/*/override_ratelimit',
  '/_synapse/admin/v1/server_version',
  '/_synapse/admin/v1/rooms',
  '/_synapse/admin/v1/send_server_notice',
  '/_synapse/admin/v1/rooms/*/state',
  '/_synapse/admin/v1/rooms/*/members',
  '/_synapse/admin/v1/rooms/*/make_room_admin',
  '/_synapse/admin/v1/join/*',
  '/_matrix/client/v3/directory/room/*',
  '/_matrix/client/v3/rooms/*/state/*/*',
  '/_matrix/client/v3/rooms/*/state/m.room.power_levels/',
  '/_matrix/client/v3/rooms/*/state/*/',
  '/_matrix/client/v3/rooms/*/kick',
  '/_matrix/client/v3/rooms/*/send/m.room.message/*',
  '/_matrix/client/v3/join/*',
  '/_matrix/client/v3/createRoom',
  '/_matrix/client/v3/account/whoami',
  '/_matrix/media/v3/upload',
].map((route) => route.split('/'));
/** The only parameters of a query. */
const PARAMETERS =
  /^(from|limit|guests|admins|deactivated|locked|type|format|username|order_by|search_term)$/;

/** The ids in the path, if it is one of ours; undefined if not. */
export function idsIn(url: string): readonly string[] | undefined {
  const [path = '', ...queries] = url.split('?');
  if (queries.length > 1 || url.includes('#')) return undefined;
  if ([...new URLSearchParams(queries[0]).keys()].some((name) => !PARAMETERS.test(name))) return undefined;
  const segments = path.split('/');
  const fits = (route: readonly string[]): boolean =>
    route.length === segments.length &&
    route.every((part, index) => (part === '*' ? segments[index] !== '' : part === segments[index]));
  const route = ROUTES.find(fits);
  return route && segments.filter((_, index) => route[index] === '*').map(decodeURIComponent);
}
