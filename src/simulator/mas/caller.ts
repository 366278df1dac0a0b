import type { Mas } from './mas.ts';
import type { Owner } from './personal-sessions.ts';
import { refused } from './refusal.ts';
import { MAS_ADMIN, type Scope } from './scope.ts';
import { isTokenValid, type MasToken } from './sessions.ts';
import { isToken } from './token.ts';
import { isValid } from './users.ts';

/** Who calls the admin API: a client, or a user. */
export function callerOf(mas: Mas, authorization: string | undefined): Owner {
  if (authorization === undefined) throw refused(400, 'Missing authorization header');
  const [, text] = /^bearer ([\w.~+/=-]+)$/i.exec(authorization) ?? [];
  if (text === undefined) throw refused(400, 'Invalid authorization header');
  if (!isToken(text)) throw refused(401, 'Invalid type of access token', 'invalid token format');
  if (text.startsWith('mct_')) throw refused(401, 'Invalid type of access token');
  const token = mas.sessions.token(text);
  if (token === undefined) throw refused(401, 'Unknown access token');
  const { caller, scope } = sessionOf(mas, token);
  if (!isTokenValid(token, mas.now())) throw refused(401, 'Access token expired');
  if ('userId' in caller) mustBeFit(mas, caller.userId, token);
  if (!scope.includes(MAS_ADMIN)) throw refused(401, 'Missing urn:mas:admin scope');
  return caller;
}

function sessionOf(mas: Mas, { kind, sessionId }: MasToken): { caller: Owner; scope: Scope } {
  const personal = kind === 'personal' ? mas.personalSessions.get(sessionId) : undefined;
  if (personal !== undefined && personal.revokedAt === undefined) {
    return { caller: { userId: personal.actorId }, scope: personal.scope };
  }
  const session = kind === 'oauth2' ? mas.sessions.oauth2.get(sessionId) : undefined;
  if (session === undefined || session.finishedAt !== undefined) throw refused(401, 'Access token revoked');
  const { userId, clientId, scope } = session;
  return { caller: userId === undefined ? { clientId } : { userId }, scope };
}

/** A personal session may act as somebody who is locked. */
function mustBeFit(mas: Mas, userId: string, { kind }: MasToken): void {
  const user = mas.users.get(userId);
  const isFit =
    user !== undefined && (kind === 'personal' ? user.deactivatedAt === undefined : isValid(user));
  if (!isFit) throw refused(401, 'User locked');
}
