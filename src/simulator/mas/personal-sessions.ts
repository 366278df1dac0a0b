import type { Scope } from './scope.ts';
import type { MasToken, Sessions } from './sessions.ts';
import type { MasUser } from './users.ts';

/** Who may renew it. */
export type Owner = { readonly userId: string } | { readonly clientId: string };

/** A session that an admin made for a user. It has one token at a time. */
export type PersonalSession = {
  readonly id: string;
  readonly createdAt: number;
  readonly owner: Owner;
  readonly actorId: string;
  readonly humanName: string;
  readonly scope: Scope;
  revokedAt: number | undefined;
  token: MasToken | undefined;
};

export type NewPersonalSession = Pick<PersonalSession, 'owner' | 'humanName' | 'scope'> & {
  readonly actor: MasUser;
  /** Undefined is for ever. */
  readonly lifeMs: number | undefined;
};

/** A token is told once. */
export type Minted = { readonly session: PersonalSession; readonly token: string };

export type PersonalSessions = {
  all(): readonly PersonalSession[];
  get(id: string): PersonalSession | undefined;
  add(session: NewPersonalSession): Minted;
  /** The token that it had ends. */
  regenerate(session: PersonalSession, lifeMs: number | undefined): Minted;
  revoke(session: PersonalSession): void;
  /** All that act as the user, or are owned by her. */
  revokeAll(user: MasUser): void;
};

type Deps = {
  readonly now: () => number;
  readonly newId: () => string;
  readonly sessions: Pick<Sessions, 'issue' | 'token'>;
};

export function createPersonalSessions({ now, newId, sessions }: Deps): PersonalSessions {
  const all = new Map<string, PersonalSession>();

  function mint(session: PersonalSession, lifeMs: number | undefined): Minted {
    if (session.token !== undefined) session.token.revoked = true;
    const token = sessions.issue('mpt', { kind: 'personal', sessionId: session.id }, lifeMs);
    session.token = sessions.token(token);
    return { session, token };
  }

  function revoke(session: PersonalSession): void {
    session.revokedAt ??= now();
  }

  return {
    all: () => [...all.values()],
    get: (id) => all.get(id),
    add({ owner, actor, humanName, scope, lifeMs }) {
      const state = { createdAt: now(), revokedAt: undefined, token: undefined };
      const session = { id: newId(), owner, actorId: actor.id, humanName, scope, ...state };
      all.set(session.id, session);
      return mint(session, lifeMs);
    },
    regenerate: mint,
    revoke,
    revokeAll(user) {
      for (const session of all.values()) {
        const isOwner = 'userId' in session.owner && session.owner.userId === user.id;
        if (isOwner || session.actorId === user.id) revoke(session);
      }
    },
  };
}

export function isSameOwner(a: Owner, b: Owner): boolean {
  if ('userId' in a) return 'userId' in b && a.userId === b.userId;
  return 'clientId' in b && a.clientId === b.clientId;
}
