import type { Scope } from './scope.ts';
import { makeToken, type TokenPrefix } from './token.ts';
import type { MasUser } from './users.ts';

type Session = { readonly id: string; readonly createdAt: number; finishedAt: number | undefined };

/** In a browser, by a cookie. */
export type BrowserSession = Session & { readonly userId: string };

/** Of a client; without a user it is the client's own. */
export type OAuth2Session = Session & {
  readonly userId: string | undefined;
  readonly clientId: string;
  readonly scope: Scope;
};

/** Of a client that signed in by Matrix's old login. */
export type CompatSession = Session & { readonly userId: string; readonly device: string };

/** Whose session it is. A token of a session of a user that may administer carries admin scopes. */
export type TokenOf = { readonly kind: 'oauth2' | 'compat' | 'personal'; readonly sessionId: string };

export type MasToken = TokenOf & {
  /** Milliseconds since 1970; undefined is never. */
  readonly expiresAt: number | undefined;
  revoked: boolean;
};

export type Sessions = {
  readonly browser: ReadonlyMap<string, BrowserSession>;
  readonly oauth2: ReadonlyMap<string, OAuth2Session>;
  readonly compat: ReadonlyMap<string, CompatSession>;
  startBrowser(user: MasUser): BrowserSession;
  startOAuth2(session: Pick<OAuth2Session, 'userId' | 'clientId' | 'scope'>): OAuth2Session;
  startCompat(user: MasUser, device: string): CompatSession;
  finish(session: Session): void;
  /** All that a user has. */
  finishAll(user: MasUser): void;

  issue(prefix: TokenPrefix, of: TokenOf, lifeMs?: number): string;
  token(text: string): MasToken | undefined;
};

export function createSessions({ now, newId }: { now: () => number; newId: () => string }): Sessions {
  const browser = new Map<string, BrowserSession>();
  const oauth2 = new Map<string, OAuth2Session>();
  const compat = new Map<string, CompatSession>();
  const tokens = new Map<string, MasToken>();

  const fresh = () => ({ id: newId(), createdAt: now(), finishedAt: undefined });

  function finish(session: Session): void {
    session.finishedAt ??= now();
  }

  function kept<T extends Session>(sessions: Map<string, T>, session: T): T {
    sessions.set(session.id, session);
    return session;
  }

  return {
    browser,
    oauth2,
    compat,
    startBrowser: (user) => kept(browser, { ...fresh(), userId: user.id }),
    startOAuth2: (session) => kept(oauth2, { ...fresh(), ...session }),
    startCompat: (user, device) => kept(compat, { ...fresh(), userId: user.id, device }),
    finish,
    finishAll(user) {
      for (const session of [...browser.values(), ...oauth2.values(), ...compat.values()]) {
        if (session.userId === user.id) finish(session);
      }
    },

    issue(prefix, of, lifeMs) {
      const text = makeToken(prefix);
      const expiresAt = lifeMs === undefined ? undefined : now() + lifeMs;
      tokens.set(text, { ...of, expiresAt, revoked: false });
      return text;
    },
    token: (text) => tokens.get(text),
  };
}

export function isTokenValid({ expiresAt, revoked }: MasToken, now: number): boolean {
  return !revoked && (expiresAt === undefined || now < expiresAt);
}
