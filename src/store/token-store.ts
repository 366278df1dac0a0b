import type { Token, TokenId, TokenSecret, TokenTerms } from '../access/token.ts';

/** The tokens that admins made. Of a secret only its digest is known: SHA-256, 32 bytes. */
export interface TokenStore {
  /** By name. */
  list(): Promise<readonly Token[]>;
  get(id: string): Promise<Token | undefined>;
  /** The token that a secret belongs to, and what is known of the secret. */
  bySecret(
    digest: Uint8Array,
  ): Promise<{ readonly token: TokenTerms; readonly secret: TokenSecret } | undefined>;
  /** Rejects with `TokenNameTaken`. */
  create(token: TokenTerms, digest: Uint8Array): Promise<void>;
  /** Gives it another secret. Those it has end at `until`, unless they end before; what has ended is forgotten. */
  rotate(
    id: TokenId,
    digest: Uint8Array,
    times: { readonly now: number; readonly until: number },
  ): Promise<void>;
  setDisabled(id: TokenId, isDisabled: boolean): Promise<void>;
  remove(id: TokenId): Promise<void>;
  noteUse(digest: Uint8Array, use: { readonly at: number; readonly from: string }): Promise<void>;
}
