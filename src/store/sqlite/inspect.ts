import { closeSync, openSync, readSync } from 'node:fs';
import type Database from 'better-sqlite3';

/** What is in a database, for people to compare with what they expect. */
export type Contents = {
  readonly users: number;
  readonly groups: number;
  /** Matrix accounts that were made or found for users. */
  readonly accounts: number;
  /** Rooms that somebody is recorded to be entitled to and in. */
  readonly memberships: number;
  /** That admins made. */
  readonly tokens: number;
};

/** That a file is a backup, as it says of itself. */
export type Origin = { readonly at: number; readonly reason: string };

const HEADER = 'SQLite format 3\0';
const TABLES = ['users', 'groups', 'links', 'work', 'journal'];

/** Whether the file begins as every SQLite database does. */
export function isSqlite(file: string): boolean {
  const buffer = Buffer.alloc(HEADER.length);
  const opened = openSync(file, 'r');
  try {
    readSync(opened, buffer, 0, buffer.length, 0);
  } finally {
    closeSync(opened);
  }
  return buffer.toString('latin1') === HEADER;
}

/** Whether it has the tables that every version of Usher had. */
export function isOfUsher(db: Database.Database): boolean {
  return TABLES.every((name) => hasTable(db, name));
}

export function contentsOf(db: Database.Database): Contents {
  const entitlements = hasTable(db, 'entitlement_rows') ? 'entitlement_rows' : 'entitlements';
  const count = (sql: string): number => Number(db.prepare(sql).pluck().get());
  return {
    users: count('SELECT count(*) FROM users'),
    groups: count('SELECT count(*) FROM groups'),
    accounts: count('SELECT count(DISTINCT account) FROM links WHERE confirmed = 1'),
    memberships: count(`SELECT count(*) FROM ${entitlements} WHERE state = 'joined'`),
    tokens: hasTable(db, 'tokens') ? count('SELECT count(*) FROM tokens') : 0,
  };
}

/** Undefined if it says nothing, as what an old version wrote. */
export function originOf(db: Database.Database): Origin | undefined {
  return toOrigin(readFact(db, 'backup'));
}

function toOrigin(fact: unknown): Origin | undefined {
  if (typeof fact !== 'object' || fact === null || !('at' in fact) || !('reason' in fact)) return undefined;
  const { at, reason } = fact;
  return typeof at === 'number' && typeof reason === 'string' ? { at, reason } : undefined;
}

function readFact(db: Database.Database, name: string): unknown {
  if (!hasTable(db, 'facts')) return undefined;
  const text = db.prepare('SELECT value FROM facts WHERE name = ?').pluck().get(name);
  return typeof text === 'string' ? JSON.parse(text) : undefined;
}

/** Undefined forgets it. A database of an old version has no place for facts: then nothing is written. */
export function writeFact(db: Database.Database, name: string, value: unknown): void {
  if (!hasTable(db, 'facts')) return;
  if (value === undefined) db.prepare('DELETE FROM facts WHERE name = ?').run(name);
  else
    db.prepare('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)').run(name, JSON.stringify(value));
}

/** `ok`, or what is broken. */
export function checkWhole(db: Database.Database, how: 'quick_check' | 'integrity_check'): string {
  return String(db.pragma(`${how}(1)`, { simple: true }));
}

function hasTable(db: Database.Database, name: string): boolean {
  const found = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name);
  return found !== undefined;
}
