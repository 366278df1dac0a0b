import { deviceIn } from '../delegation.ts';
import { type Filters, filtersOf } from './filters.ts';
import { pageOf, single } from './json-api.ts';
import type { Mas } from './mas.ts';
import { isSameOwner, type Minted, type PersonalSession } from './personal-sessions.ts';
import { type MasAnswer, refused } from './refusal.ts';
import { bodyOf, idIn, type MasCall, type MasHandlers, optionalSeconds, text, ulid } from './request.ts';
import { API, PERSONAL_SESSION } from './resources.ts';
import { parseScope } from './scope.ts';

/** Personal sessions of the admin API. No policy is asked which scope one may have. */
export function personalSessionHandlers(mas: Mas): MasHandlers {
  const { users, personalSessions, homeserver, homeserverJobs } = mas;

  function existing(call: MasCall, title: (id: string) => string): PersonalSession {
    const id = idIn(call);
    const session = personalSessions.get(id);
    if (session === undefined) throw refused(404, title(id));
    return session;
  }

  const minted = ({ session, token }: Minted): MasAnswer =>
    single(PERSONAL_SESSION, session, { status: 201, extra: { access_token: token } });

  return {
    'GET /personal-sessions'(call) {
      const filters = filtersOf(call, `${API}/personal-sessions`, FILTERS);
      mustBeKnown(mas, filters);
      const listed = personalSessions.all().filter(matching(filters));
      return pageOf(PERSONAL_SESSION, listed, filters.base, call);
    },

    'POST /personal-sessions'(call) {
      const body = bodyOf(call);
      const [actorId, humanName] = [ulid(body, 'actor_user_id'), text(body, 'human_name')];
      const [scopeText, lifeMs] = [text(body, 'scope'), optionalSeconds(body, 'expires_in')];
      const actor = users.get(actorId);
      if (actor === undefined) throw refused(404, 'User not found');
      if (actor.deactivatedAt !== undefined) throw refused(410, 'User is not active');
      const scope = parseScope(scopeText);
      if (scope === undefined) throw refused(400, 'Invalid scope');
      const device = deviceIn(scope);
      if (device !== undefined) homeserver.addDevice(actor.username, device);
      return minted(personalSessions.add({ owner: call.caller, actor, humanName, scope, lifeMs }));
    },

    'GET /personal-sessions/{id}': (call) =>
      single(
        PERSONAL_SESSION,
        existing(call, () => 'Personal session not found'),
      ),

    'POST /personal-sessions/{id}/regenerate'(call) {
      const lifeMs = optionalSeconds(bodyOf(call), 'expires_in');
      const session = existing(call, () => 'Session not found');
      if (session.revokedAt !== undefined) throw refused(422, 'Session not valid');
      if (!isSameOwner(session.owner, call.caller)) throw refused(403, 'Session does not belong to you');
      return minted(personalSessions.regenerate(session, lifeMs));
    },

    /** By any admin. */
    'POST /personal-sessions/{id}/revoke'(call) {
      const session = existing(call, (id) => `Personal session with ID ${id} not found`);
      if (session.revokedAt !== undefined) {
        throw refused(409, `Personal session with ID ${session.id} is already revoked`);
      }
      personalSessions.revoke(session);
      const actor = users.get(session.actorId);
      if (actor !== undefined && deviceIn(session.scope) !== undefined) homeserverJobs.syncDevices(actor);
      return single(PERSONAL_SESSION, session);
    },
  };
}

const FILTERS = [
  'owner_user',
  'owner_client',
  'actor_user',
  'scope',
  'status',
  'expires_before',
  'expires_after',
  'expires',
];

function mustBeKnown({ users, clients }: Mas, filters: Filters): void {
  for (const name of ['owner_user', 'actor_user']) {
    const id = filters.ulid(name);
    if (id !== undefined && users.get(id) === undefined) throw refused(404, `User ID ${id} not found`);
  }
  const clientId = filters.ulid('owner_client');
  if (clientId !== undefined && clients.get(clientId) === undefined) {
    throw refused(404, `Client ID ${clientId} not found`);
  }
}

function matching(filters: Filters): (session: PersonalSession) => boolean {
  const [ownerUser, ownerClient] = [filters.ulid('owner_user'), filters.ulid('owner_client')];
  const [actor, status] = [filters.ulid('actor_user'), filters.oneOf('status', ['active', 'revoked'])];
  const [before, after] = [filters.time('expires_before'), filters.time('expires_after')];
  const [expires, scope] = [filters.flag('expires'), filters.texts('scope')];

  return (session) => {
    const { owner, revokedAt } = session;
    const expiresAt = revokedAt === undefined ? session.token?.expiresAt : undefined;
    return (
      (ownerUser === undefined || isSameOwner(owner, { userId: ownerUser })) &&
      (ownerClient === undefined || isSameOwner(owner, { clientId: ownerClient })) &&
      (actor === undefined || session.actorId === actor) &&
      (status === undefined || (status === 'revoked') === (revokedAt !== undefined)) &&
      (before === undefined || (expiresAt !== undefined && expiresAt < before)) &&
      (after === undefined || (expiresAt !== undefined && expiresAt > after)) &&
      (expires === undefined || expires === (expiresAt !== undefined)) &&
      scope.every((token) => session.scope.includes(token))
    );
  };
}
