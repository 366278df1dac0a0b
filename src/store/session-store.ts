import type { Scope, TokenId, TokenTerms } from '../access/token.ts';

/** Somebody who is signed in at the console. Times are milliseconds since 1970. */
export type Session = {
  /** The token's name, or what the identity provider calls her. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** What her requests that change something have to say, since her browser would send the cookie for anybody. */
  readonly csrf: string;
  /** The token that she signed in with, if she did by one. */
  readonly tokenId: TokenId | undefined;
  readonly created: number;
  readonly expires: number;
};

/** Of the secret in the cookie only its digest is known: SHA-256, 32 bytes. */
export interface SessionStore {
  /** Forgets those that have ended by then, too. */
  create(session: Session, digest: Uint8Array): Promise<void>;
  /** The session of a cookie, with the terms of its token as they are now. */
  bySecret(
    digest: Uint8Array,
  ): Promise<{ readonly session: Session; readonly token: TokenTerms | undefined } | undefined>;
  remove(digest: Uint8Array): Promise<void>;
}
