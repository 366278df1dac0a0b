import { randomUUID } from 'node:crypto';
import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import { type UserId, userId } from '../matrix/ids.ts';
import type { RestClient } from '../rest/client.ts';
import { object, text } from '../rest/read.ts';

type ServerNotices = Pick<Homeserver, 'hasServerNotices' | 'sendServerNotice'>;

/** What the homeserver says to a person in its own name (Synapse's documentation, "Server Notices"). */
export function createServerNotices(client: RestClient, serverName: string): ServerNotices {
  const send = async (user_id: UserId, body: string): Promise<void> => {
    const route = '/_synapse/admin/v1/send_server_notice';
    const content = { msgtype: 'm.text', body };
    const answer = await client.call({ method: 'POST', route, body: { user_id, content } });
    text(object(answer, 'the notice').event_id, 'event_id');
  };
  return {
    /** Synapse tells nobody its settings. It looks whether it may say something before it looks to whom. */
    async hasServerNotices() {
      try {
        await send(userId(`usher-asks-${randomUUID()}`, serverName), 'Is there anybody?');
      } catch (error) {
        if (!(error instanceof HomeserverError)) throw error;
        if (error.kind === 'not-found') return true;
        if (error.kind === 'refused' && error.errcode === 'M_UNKNOWN') return false;
        throw error;
      }
      throw new HomeserverError('protocol', 'an account that does not exist was told something');
    },
    sendServerNotice: send,
  };
}
