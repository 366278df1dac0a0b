import type { Introspection } from '../delegation.ts';
import type { PersonalSessions } from './personal-sessions.ts';
import { deviceScope, MATRIX_API, normalised, type Scope } from './scope.ts';
import { isTokenValid, type MasToken, type Sessions } from './sessions.ts';
import { isToken } from './token.ts';
import { isValid, type Users } from './users.ts';

type Deps = {
  readonly now: () => number;
  readonly users: Pick<Users, 'get'>;
  readonly sessions: Sessions;
  readonly personalSessions: PersonalSessions;
};

/** Whose session a token is of, and what it may do. */
type Speaker = { readonly scope: Scope; readonly userIds: readonly string[]; readonly username?: string };

/** What MAS says of a token to Synapse. Who is locked or deactivated has none that is active. */
export function createIntrospection(deps: Deps): (token: string) => Introspection {
  const { now, users, sessions, personalSessions } = deps;

  function speakerOf({ kind, sessionId }: MasToken): Speaker | undefined {
    switch (kind) {
      case 'oauth2': {
        const session = sessions.oauth2.get(sessionId);
        if (session === undefined || session.finishedAt !== undefined) return undefined;
        return speaking(session.scope, session.userId);
      }
      case 'compat': {
        const session = sessions.compat.get(sessionId);
        if (session === undefined || session.finishedAt !== undefined) return undefined;
        return speaking([MATRIX_API, deviceScope(session.device)], session.userId);
      }
      case 'personal': {
        const session = personalSessions.get(sessionId);
        if (session === undefined || session.revokedAt !== undefined) return undefined;
        const owner = 'userId' in session.owner ? [session.owner.userId] : [];
        const speaker = speaking(session.scope, session.actorId);
        return { ...speaker, userIds: [...speaker.userIds, ...owner] };
      }
    }
  }

  function speaking(scope: Scope, userId: string | undefined): Speaker {
    const user = userId === undefined ? undefined : users.get(userId);
    return user === undefined
      ? { scope, userIds: [] }
      : { scope, userIds: [user.id], username: user.username };
  }

  function isFit(userId: string): boolean {
    const user = users.get(userId);
    return user !== undefined && isValid(user);
  }

  return (text) => {
    const token = isToken(text) ? sessions.token(text) : undefined;
    const speaker = token !== undefined && isTokenValid(token, now()) ? speakerOf(token) : undefined;
    if (token === undefined || !speaker?.userIds.every(isFit)) return { active: false };
    const { scope, username } = speaker;
    return { active: true, username, scope: normalised(scope), expiresAt: token.expiresAt };
  };
}
