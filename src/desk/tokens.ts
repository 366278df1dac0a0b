import { randomBytes, randomUUID } from 'node:crypto';
import { networkProblem } from '../access/networks.ts';
import {
  digestOf,
  FIXED_TOKEN,
  nameProblem,
  SCOPES,
  type Scope,
  secretOf,
  sourceProblem,
  type Token,
  type TokenId,
  TokenNameTaken,
  type TokenTerms,
} from '../access/token.ts';
import type { SourceId } from '../directory/resource.ts';
import type { Store } from '../store/store.ts';

/** What an admin asks for. `expires`: milliseconds since 1970; none is never. */
export type TokenRequest = {
  readonly name: string;
  readonly source: string;
  readonly scopes: readonly string[];
  readonly networks: readonly string[];
  readonly expires: number | undefined;
};

export type TokenField = keyof TokenRequest;

/** A token can't be as it was asked for. The message goes on after the name of the field. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  readonly field: TokenField;
  constructor(field: TokenField, message: string, options?: ErrorOptions) {
    super(message, options);
    this.field = field;
  }
}

/** A token with its secret, which is never known again. */
export type Issued = { readonly token: TokenTerms; readonly secret: string };

/** What admins do with tokens; each act is in the journal, with who did it. */
export type TokenDesk = {
  /** Rejects with `TokenRefused`. */
  readonly create: (request: TokenRequest) => Promise<Issued>;
  /** Gives it another secret; the old ones are good for `keepMs` more. */
  readonly rotate: (token: Token, keepMs: number) => Promise<Issued>;
  readonly setDisabled: (token: Token, isDisabled: boolean) => Promise<void>;
  /** It is gone for good. */
  readonly revoke: (token: Token) => Promise<void>;
};

type TokenDeskDeps = {
  readonly store: Pick<Store, 'tokens' | 'journal'>;
  /** Who acts, for the journal: `usher token`, or an admin of the console. */
  readonly who: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

const SECRET_BYTES = 32;

export function createTokenDesk({ store, who, now }: TokenDeskDeps): TokenDesk {
  const note = (act: string, { name }: TokenTerms, more = ''): Promise<void> =>
    store.journal.append({
      ...{ at: now(), action: 'token', outcome: 'done', detail: `${act} token ${name}${more}`, cause: who },
      ...{ account: undefined, roomId: undefined, userId: undefined },
    });
  const newSecret = () => secretOf(randomBytes(SECRET_BYTES));
  return {
    async create(request) {
      const token = termsOf(request, now());
      const secret = newSecret();
      try {
        await store.tokens.create(token, digestOf(secret));
      } catch (error) {
        if (!(error instanceof TokenNameTaken)) throw error;
        throw new TokenRefused('name', `is that of another token: ${request.name}`, { cause: error });
      }
      await note('create', token, `: ${token.scopes.join(', ')} of ${token.source}`);
      return { token, secret };
    },
    async rotate(token, keepMs) {
      const secret = newSecret();
      const at = now();
      await store.tokens.rotate(token.id, digestOf(secret), { now: at, until: at + keepMs });
      await note('rotate', token);
      return { token, secret };
    },
    async setDisabled(token, isDisabled) {
      await store.tokens.setDisabled(token.id, isDisabled);
      await note(isDisabled ? 'disable' : 'enable', token);
    },
    async revoke(token) {
      await store.tokens.remove(token.id);
      await note('revoke', token);
    },
  };
}

function termsOf({ name, source, scopes, networks, expires }: TokenRequest, now: number): TokenTerms {
  const refuse = (field: TokenField, message: string): never => {
    throw new TokenRefused(field, message);
  };
  const problem = nameProblem(name);
  if (problem !== undefined) refuse('name', problem);
  if (name.toUpperCase() === FIXED_TOKEN) refuse('name', `is that of another token: ${name}`);
  const wrongSource = sourceProblem(source);
  if (wrongSource !== undefined) refuse('source', wrongSource);
  if (scopes.length === 0) refuse('scopes', `must be some of ${SCOPES.join(', ')}`);
  for (const scope of scopes) {
    if (!isScope(scope)) refuse('scopes', `must be some of ${SCOPES.join(', ')}; "${scope}" is none`);
  }
  for (const network of networks) {
    const wrong = networkProblem(network);
    if (wrong !== undefined) refuse('networks', `has "${network}", which ${wrong}`);
  }
  if (expires !== undefined && expires <= now) refuse('expires', 'must lie ahead');
  return {
    id: randomUUID() as string as TokenId,
    ...{ name, source: source as SourceId, networks, created: now, expires, isDisabled: false },
    scopes: SCOPES.filter((scope) => scopes.includes(scope)),
  };
}

function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}
