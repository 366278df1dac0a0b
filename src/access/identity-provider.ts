import type { SourceId } from '../directory/resource.ts';

/** Whose JSON Web Tokens (RFC 7519) are taken as bearer tokens, and what they are good for. */
export type JwtTrust = {
  /** As it stands in `iss`: with a slash at the end, if it has one there. */
  readonly issuer: string;
  readonly audience: string;
  /** What `scope` has to have in it; undefined: whoever has a token of this audience may come in. */
  readonly scope: string | undefined;
  readonly source: SourceId;
  /** Where the keys are; undefined: where the issuer's discovery document says. */
  readonly keysUrl: string | undefined;
};

/** The identity provider by which admins sign in at the console (OpenID Connect Core). */
export type OidcProvider = {
  /** As its discovery document says it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What the button says. */
  readonly name: string;
  readonly scope: string;
  readonly groupsClaim: string;
  readonly adminGroup: string | undefined;
  /** Of those who may look at everything and change nothing. */
  readonly readerGroup: string | undefined;
};
