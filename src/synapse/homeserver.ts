import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import { serverNameOf, type UserId } from '../matrix/ids.ts';
import type { RestClient } from '../rest/client.ts';
import { object, text } from '../rest/read.ts';
import { createAccounts } from './accounts.ts';
import { createMemberships } from './membership.ts';
import { createPower } from './power.ts';
import { userId } from './read.ts';
import { createRooms } from './rooms.ts';
import { createServerNotices } from './server-notices.ts';
import { createSpaces } from './spaces.ts';
import { createStateReader } from './state.ts';

export type SynapseHomeserverDeps = {
  readonly client: RestClient;
  /** Whose token the client has: a server admin. */
  readonly bot: UserId;
};

/** A Synapse by its admin API and, where that has no answer, the client API. */
export function createSynapseHomeserver({ client, bot }: SynapseHomeserverDeps): Homeserver {
  const state = createStateReader(client, bot);
  const rooms = createRooms(client, bot, state);
  return {
    identify: () => identify(client),
    ...createAccounts(client, serverNameOf(bot)),
    ...rooms,
    ...createMemberships(client, bot, rooms.member),
    ...createPower(client, state),
    ...createSpaces(client, serverNameOf(bot), state),
    ...createServerNotices(client, serverNameOf(bot)),

    async upload(image) {
      const answer = await client.call({ method: 'POST', route: '/_matrix/media/v3/upload', image });
      const uri = text(object(answer, 'the upload').content_uri, 'content_uri');
      if (!uri.startsWith('mxc://')) throw new HomeserverError('protocol', 'content_uri is no mxc:// URI');
      return uri;
    },

    async sendNotice(roomId, { text: body, html }, transaction) {
      await client.call({
        method: 'PUT',
        route: '/_matrix/client/v3/rooms/{roomId}/send/m.room.message/{transaction}',
        params: { roomId, transaction },
        body: {
          ...{ msgtype: 'm.notice', body, format: 'org.matrix.custom.html', formatted_body: html },
          // Else clients look for names in the text (Matrix spec, "User and room mentions").
          'm.mentions': {},
        },
      });
    },

    /** Zero means no limit. It holds for what the bot does in the name of a room's admin, too. */
    async liftRateLimit() {
      await client.call({
        method: 'POST',
        route: '/_synapse/admin/v1/users/{userId}/override_ratelimit',
        params: { userId: bot },
        body: { messages_per_second: 0, burst_count: 0 },
      });
    },
  };
}

/** Whose token the client has; needs no knowledge of who the bot is. */
export async function identify(client: RestClient): ReturnType<Homeserver['identify']> {
  const whoami = await client.call({ method: 'GET', route: '/_matrix/client/v3/account/whoami' });
  const own = userId(object(whoami, 'whoami').user_id, 'user_id');
  const version = await client.call({ method: 'GET', route: '/_synapse/admin/v1/server_version' });
  return {
    userId: own,
    admin: await isAdmin(client, own),
    serverVersion: text(object(version, 'the version').server_version, 'server_version'),
  };
}

/** Only an admin may ask for an account, so a refusal is an answer. What the account says counts for nothing where it is delegated. */
async function isAdmin(client: RestClient, id: UserId): Promise<boolean> {
  const route = '/_synapse/admin/v2/users/{userId}';
  try {
    const answer = await client.call({ method: 'GET', route, params: { userId: id } });
    userId(object(answer, 'the account').name, 'name');
    return true;
  } catch (error) {
    if (error instanceof HomeserverError && error.kind === 'refused') return false;
    throw error;
  }
}
