import type { Mas } from './mas.ts';
import type { Owner } from './personal-sessions.ts';
import { refused } from './refusal.ts';
import { MAS_ADMIN, type Scope } from './scope.ts';
import { isTokenValid, type MasToken } from './sessions.ts';
import { isToken } from './token.ts';
import { isValid } from './users.ts';

/** Who calls the admin API: a client, or a user. Refuses with 400 without a bearer token, else with 401. */
export function callerOf(mas: Mas, authorization: string | undefined): Owner {
  if (authorization === undefined) throw refused(400, 'Missing authorization header');
  const [, text] = /^bearer ([\w.~+/=-]+)$/i.exec(authorization) ?? [];
  if (text === undefined) throw refused(400, 'Invalid authorization header');
  if (!isToken(text)) throw refused(401, 'Invalid type of access token', 'invalid token format');
  if (text.startsWith('mct_')) throw refused(401, 'Invalid type of access token');
  const token = mas.sessions.token(text);
  if (token === undefined) throw refused(401, 'Unknown access token');
  const { caller, scope, isFit } = sessionOf(mas, token);
  if (!isTokenValid(token, mas.now())) throw refused(401, 'Access token expired');
  if (!isFit) throw refused(401, 'User locked');
  if (!scope.includes(MAS_ADMIN)) throw refused(401, 'Missing urn:mas:admin scope');
  return caller;
}

/** `isFit` is whether whose session it is may use it now. */
type Calling = { readonly caller: Owner; readonly scope: Scope; readonly isFit: boolean };

function sessionOf(mas: Mas, { kind, sessionId }: MasToken): Calling {
  const calling = kind === 'personal' ? personalSession(mas, sessionId) : oauth2Session(mas, sessionId);
  if (calling === undefined) throw refused(401, 'Access token revoked');
  return calling;
}

/** It goes on for somebody who is locked, but not if one who is locked made it. */
function personalSession(mas: Mas, id: string): Calling | undefined {
  const session = mas.personalSessions.get(id);
  if (session === undefined || session.revokedAt !== undefined) return undefined;
  const { owner, actorId, scope } = session;
  const isActive = mas.users.get(actorId)?.deactivatedAt === undefined;
  const isOwnerFit = !('userId' in owner) || isValidUser(mas, owner.userId);
  return { caller: { userId: actorId }, scope, isFit: isActive && isOwnerFit };
}

function oauth2Session(mas: Mas, id: string): Calling | undefined {
  const session = mas.sessions.oauth2.get(id);
  if (session === undefined || session.finishedAt !== undefined) return undefined;
  const { userId, clientId, scope } = session;
  if (userId === undefined) return { caller: { clientId }, scope, isFit: true };
  return { caller: { userId }, scope, isFit: isValidUser(mas, userId) };
}

function isValidUser({ users }: Mas, id: string): boolean {
  const user = users.get(id);
  return user !== undefined && isValid(user);
}
