import { HomeserverError } from '../matrix/error.ts';
import type { RestClient } from '../rest/client.ts';
import { optionalText, text } from '../rest/read.ts';
import { allResources, type Resource, resourceIn } from './resource.ts';

/** A session with a token that acts as a user (MAS 1.5 and later). */
export type PersonalSession = { readonly id: string; readonly name: string | undefined };

/** One with its token, which MAS says only then. `expiresAt` is in milliseconds since 1970. */
export type IssuedToken = { readonly sessionId: string; readonly token: string; readonly expiresAt: number };

export type PersonalSessions = {
  /** Refused if the user is deactivated. */
  readonly begin: (userId: string) => Promise<IssuedToken>;
  /** The token before ends. Refused if the session ended, or is not ours; `not-found` if MAS does not know it. */
  readonly renew: (sessionId: string) => Promise<IssuedToken>;
  /** Those of ours that act as the user. */
  readonly ofUser: (userId: string) => Promise<readonly PersonalSession[]>;
  readonly revoke: (sessionId: string) => Promise<void>;
  /** Ends all sessions in which somebody has admin rights, of Synapse or of MAS; her others go on. */
  readonly endAdmin: (userId: string) => Promise<void>;
};

const SESSIONS = '/api/admin/v1/personal-sessions';
/**
 * Of Synapse's admin API, and with it the client API of the user. Synapse needs a device to tell a message that is sent
 * again from another one: always the same, so that it knows them after a renewal, too.
 */
const SCOPE = 'urn:matrix:client:api:* urn:synapse:admin:* urn:matrix:client:device:matrix-usher';
const ADMIN_SCOPES = ['urn:synapse:admin:*', 'urn:mas:admin'];
const OAUTH2_SESSIONS = '/api/admin/v1/oauth2-sessions';
const NAME = 'Usher';
const DAYS = 30;

/** `clientId` is ours: no other client may renew what we began. */
export function createPersonalSessions(client: RestClient, clientId: string): PersonalSessions {
  const body = { expires_in: DAYS * 86_400 };
  const revoke: PersonalSessions['revoke'] = async (id) => {
    await client.call({ method: 'POST', route: `${SESSIONS}/{id}/revoke`, params: { id } });
  };
  const activeIn = async (route: string, query: Readonly<Record<string, string>>) =>
    allResources(client, { route, query: { ...query, 'filter[status]': 'active' } }, 'session');
  // A filter that got lost on the way, or is none of this MAS, gives those of everybody.
  const personalOf = async (userId: string, query: Readonly<Record<string, string>>) => {
    const found = await activeIn(SESSIONS, { 'filter[actor_user]': userId, ...query });
    return found.filter(({ attributes }) => attributes.actor_user_id === userId);
  };
  const oauth2Of = async (userId: string, scope: string) => {
    const found = await activeIn(OAUTH2_SESSIONS, { 'filter[user]': userId, 'filter[scope]': scope });
    return found.filter(({ attributes }) => attributes.user_id === userId);
  };
  return {
    async begin(userId) {
      const session = { ...body, actor_user_id: userId, human_name: NAME, scope: SCOPE };
      return issuedIn(await client.call({ method: 'POST', route: SESSIONS, body: session }));
    },
    async renew(id) {
      const route = `${SESSIONS}/{id}/regenerate`;
      return issuedIn(await client.call({ method: 'POST', route, params: { id }, body }));
    },
    async ofUser(userId) {
      const found = await personalOf(userId, { 'filter[owner_client]': clientId });
      const ours = found.filter(({ attributes }) => attributes.owner_client_id === clientId);
      const sessions = ours.map(({ id, attributes }) => ({
        id,
        name: optionalText(attributes.human_name, 'human_name'),
      }));
      return sessions.filter(({ name }) => name === NAME);
    },
    revoke,
    async endAdmin(userId) {
      for (const scope of ADMIN_SCOPES) {
        for (const { id } of await oauth2Of(userId, scope)) {
          const route = `${OAUTH2_SESSIONS}/{id}/finish`;
          await unlessOver(client.call({ method: 'POST', route, params: { id } }));
        }
        for (const { id } of await personalOf(userId, { 'filter[scope]': scope })) {
          await unlessOver(revoke(id));
        }
      }
    },
  };
}

/** Somebody else may end a session while it is being ended: that must not keep us from the next one. */
async function unlessOver(end: Promise<unknown>): Promise<void> {
  try {
    await end;
  } catch (error) {
    const isOver =
      error instanceof HomeserverError && (error.kind === 'refused' || error.kind === 'not-found');
    if (!isOver) throw error;
  }
}

function issuedIn(answer: unknown): IssuedToken {
  const { id, attributes }: Resource = resourceIn(answer, 'session');
  const expiresAt = Date.parse(text(attributes.expires_at, 'expires_at'));
  return { sessionId: id, token: text(attributes.access_token, 'access_token'), expiresAt };
}
