import Database from 'better-sqlite3';
import {
  type Token,
  type TokenId,
  TokenNameTaken,
  type TokenSecret,
  type TokenTerms,
} from '../../access/token.ts';
import { foldCase, type SourceId } from '../../directory/resource.ts';
import type { TokenStore } from '../token-store.ts';
import type { Connection } from './database.ts';
import { storedJson } from './json.ts';

export type TokenRow = {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly scopes: string;
  readonly networks: string;
  readonly created: number;
  readonly expires: number | null;
  readonly is_disabled: number;
};

type SecretRow = {
  readonly token_id: string;
  readonly created: number;
  readonly expires: number | null;
  readonly last_used: number | null;
  readonly last_used_from: string | null;
};

export function createTokenStore(db: Connection): TokenStore {
  const statements = {
    list: db.prepare<[], TokenRow>('SELECT * FROM tokens ORDER BY name_key'),
    get: db.prepare<[string], TokenRow>('SELECT * FROM tokens WHERE id = ?'),
    secret: db.prepare<[Uint8Array], SecretRow>('SELECT * FROM token_secrets WHERE digest = ?'),
    secretsOf: db.prepare<[string], SecretRow>(
      'SELECT * FROM token_secrets WHERE token_id = ? ORDER BY created DESC',
    ),
    create: db.prepare(`
      INSERT INTO tokens (id, name, name_key, source, scopes, networks, created, expires, is_disabled)
      VALUES (@id, @name, @nameKey, @source, @scopes, @networks, @created, @expires, @isDisabled)`),
    addSecret: db.prepare('INSERT INTO token_secrets (digest, token_id, created) VALUES (?, ?, ?)'),
    endSecrets: db.prepare<{ id: string; until: number }>(`
      UPDATE token_secrets SET expires = @until
      WHERE token_id = @id AND (expires IS NULL OR expires > @until)`),
    forgetSecrets: db.prepare('DELETE FROM token_secrets WHERE token_id = ? AND expires <= ?'),
    setDisabled: db.prepare('UPDATE tokens SET is_disabled = ? WHERE id = ?'),
    remove: db.prepare('DELETE FROM tokens WHERE id = ?'),
    noteUse: db.prepare('UPDATE token_secrets SET last_used = ?, last_used_from = ? WHERE digest = ?'),
  };
  const withSecrets = (row: TokenRow): Token => ({
    ...toTerms(row),
    secrets: statements.secretsOf.all(row.id).map(toSecret),
  });
  const create = db.transaction((token: TokenTerms, digest: Uint8Array) => {
    statements.create.run({
      ...token,
      nameKey: foldCase(token.name),
      scopes: JSON.stringify(token.scopes),
      networks: JSON.stringify(token.networks),
      expires: token.expires ?? null,
      isDisabled: token.isDisabled ? 1 : 0,
    });
    statements.addSecret.run(digest, token.id, token.created);
  });
  const rotate = db.transaction((id: TokenId, digest: Uint8Array, now: number, until: number) => {
    statements.endSecrets.run({ id, until });
    statements.forgetSecrets.run(id, now);
    statements.addSecret.run(digest, id, now);
  });

  return {
    list: async () => statements.list.all().map(withSecrets),
    async get(id) {
      const row = statements.get.get(id);
      return row && withSecrets(row);
    },
    async bySecret(digest) {
      const secret = statements.secret.get(digest);
      const row = secret && statements.get.get(secret.token_id);
      return secret && row && { token: toTerms(row), secret: toSecret(secret) };
    },
    async create(token, digest) {
      try {
        create.immediate(token, digest);
      } catch (error) {
        const isTaken = error instanceof Database.SqliteError && error.code === 'SQLITE_CONSTRAINT_UNIQUE';
        throw isTaken ? new TokenNameTaken(token.name, { cause: error }) : error;
      }
    },
    async rotate(id, digest, { now, until }) {
      rotate.immediate(id, digest, now, until);
    },
    async setDisabled(id, isDisabled) {
      statements.setDisabled.run(isDisabled ? 1 : 0, id);
    },
    async remove(id) {
      statements.remove.run(id);
    },
    async noteUse(digest, { at, from }) {
      statements.noteUse.run(at, from, digest);
    },
  };
}

export function toTerms(row: TokenRow): TokenTerms {
  return {
    id: row.id as TokenId,
    name: row.name,
    source: row.source as SourceId,
    scopes: storedJson(row.scopes),
    networks: storedJson(row.networks),
    created: row.created,
    expires: row.expires ?? undefined,
    isDisabled: row.is_disabled === 1,
  };
}

function toSecret(row: SecretRow): TokenSecret {
  return {
    created: row.created,
    expires: row.expires ?? undefined,
    lastUsed: row.last_used ?? undefined,
    lastUsedFrom: row.last_used_from ?? undefined,
  };
}
