import { hash } from 'node:crypto';
import type { SourceId } from '../directory/resource.ts';

/** What a token may be used for. `scim` and `admin` read and write. */
export const SCOPES = ['scim', 'scim:read', 'metrics', 'admin', 'admin:read'] as const;
export type Scope = (typeof SCOPES)[number];

/** What a scope gives beside itself. */
const INCLUDED: Readonly<Partial<Record<Scope, readonly Scope[]>>> = {
  scim: ['scim:read'],
  admin: ['admin:read', 'metrics'],
};

export function allows(scopes: readonly Scope[], needed: Scope): boolean {
  return scopes.some((scope) => scope === needed || INCLUDED[scope]?.includes(needed) === true);
}

/** The token in the settings, which is not in the store. */
export const FIXED_TOKEN = 'WEBHOOK_SECRET';
/** Its source, and that of every token that is not told another. */
export const DEFAULT_SOURCE = 'default' as SourceId;

export type TokenId = string & { readonly __brand: 'TokenId' };

/** One of the secrets by which a token is known: several while it is rotated. The secret itself is nowhere. */
export type TokenSecret = {
  readonly created: number;
  /** When it ends before the token does, since another one took its place. */
  readonly expires: number | undefined;
  /** To the minute. */
  readonly lastUsed: number | undefined;
  /** The address it was last used from. */
  readonly lastUsedFrom: string | undefined;
};

/** What a bearer token that an admin made is good for. Times are milliseconds since 1970. */
export type TokenTerms = {
  readonly id: TokenId;
  /** What people call it; unique, whatever the case of its letters. */
  readonly name: string;
  /** Whose users and groups it reads and writes: two tokens of one source see the same. */
  readonly source: SourceId;
  readonly scopes: readonly Scope[];
  /** Addresses and networks (CIDR) it may be used from; none for everywhere. */
  readonly networks: readonly string[];
  readonly created: number;
  readonly expires: number | undefined;
  readonly isDisabled: boolean;
};

/** The newest secret first. */
export type Token = TokenTerms & { readonly secrets: readonly TokenSecret[] };

/** There is a token of that name. */
export class TokenNameTaken extends Error {
  override readonly name = 'TokenNameTaken';
}

/** Why a token is not taken though its secret is right. */
export type Fault = 'disabled' | 'expired' | 'elsewhere';

/** With no secret, the token alone is looked at. `isInside` says whether the request came from one of the networks of the token. */
export function faultOf(
  token: TokenTerms,
  secret: TokenSecret | undefined,
  { now, isInside }: { readonly now: number; readonly isInside: () => boolean },
): Fault | undefined {
  if (token.isDisabled) return 'disabled';
  if ([token.expires, secret?.expires].some((end) => end !== undefined && end <= now)) return 'expired';
  return token.networks.length === 0 || isInside() ? undefined : 'elsewhere';
}

/** So that whoever finds one, or a program that looks for such, knows what it is. */
const PREFIX = 'usher_';

/** A secret for a token, of 256 random bits. */
export function secretOf(bytes: Uint8Array): string {
  return `${PREFIX}${Buffer.from(bytes).toString('base64url')}`;
}

/** What is stored of a secret: from the SHA-256 of so many random bits nobody finds them. */
export function digestOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,63}$/u;

/** Why a text can't be the name of a token; undefined if it can. */
export function nameProblem(name: string): string | undefined {
  return NAME.test(name)
    ? undefined
    : 'must have 1 to 64 letters, digits, blanks and . _ @ - and begin with a letter or digit';
}

/** Why a text can't name a source; undefined if it can. */
export function sourceProblem(source: string): string | undefined {
  return /^[\w.-]{1,64}$/.test(source) ? undefined : 'must have 1 to 64 letters, digits and . _ -';
}
