import type { TokenId } from '../../access/token.ts';
import type { Session, SessionStore } from '../session-store.ts';
import type { Connection } from './database.ts';
import { storedJson } from './json.ts';
import { type TokenRow, toTerms } from './tokens.ts';

type SessionRow = {
  readonly name: string;
  readonly scopes: string;
  readonly csrf: string;
  readonly token_id: string | null;
  readonly created: number;
  readonly expires: number;
};

export function createSessionStore(db: Connection): SessionStore {
  const statements = {
    create: db.prepare(`
      INSERT INTO sessions (digest, name, scopes, csrf, token_id, created, expires)
      VALUES (@digest, @name, @scopes, @csrf, @tokenId, @created, @expires)`),
    prune: db.prepare('DELETE FROM sessions WHERE expires <= ?'),
    get: db.prepare<[Uint8Array], SessionRow>('SELECT * FROM sessions WHERE digest = ?'),
    token: db.prepare<[string], TokenRow>('SELECT * FROM tokens WHERE id = ?'),
    remove: db.prepare('DELETE FROM sessions WHERE digest = ?'),
  };
  const create = db.transaction((session: Session, digest: Uint8Array) => {
    statements.prune.run(session.created);
    const { scopes, tokenId = null } = session;
    statements.create.run({ ...session, digest, tokenId, scopes: JSON.stringify(scopes) });
  });
  return {
    async create(session, digest) {
      create.immediate(session, digest);
    },
    async bySecret(digest) {
      const row = statements.get.get(digest);
      if (row === undefined) return undefined;
      const token = row.token_id === null ? undefined : statements.token.get(row.token_id);
      return { session: toSession(row), token: token && toTerms(token) };
    },
    async remove(digest) {
      statements.remove.run(digest);
    },
  };
}

function toSession({ name, scopes, csrf, token_id, created, expires }: SessionRow): Session {
  const tokenId = (token_id ?? undefined) as TokenId | undefined;
  return { name, scopes: storedJson(scopes), csrf, tokenId, created, expires };
}
