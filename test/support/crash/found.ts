import Database from 'better-sqlite3';
import { type Domain, type GroupState, NOTHING, type PersonState } from './domain.ts';

/** What is in a database. */
export type FoundDirectory = {
  /** By the name that user names and external ids begin with, up to the first hyphen. */
  readonly domains: ReadonlyMap<string, Domain>;
  /** SCIM ids by user name or external id. */
  readonly ids: ReadonlyMap<string, string>;
  /** What SQLite says against the file; none if it is whole. */
  readonly faults: readonly string[];
  /** Sets of members that are no group's. */
  readonly left: number;
};

type Row = {
  readonly seq: number;
  readonly id: string;
  readonly attributes: string;
  readonly active: number;
};
type Filled = {
  readonly users: Map<string, PersonState>;
  readonly groups: Map<string, GroupState>;
};

/** Reads a database beside the process that writes to it, and has SQLite examine all of it. */
export function findDirectory(file: string): FoundDirectory {
  const db = new Database(file, { readonly: true, timeout: 5_000 });
  try {
    return db.transaction(() => read(db))();
  } finally {
    db.close();
  }
}

function read(db: Database.Database): FoundDirectory {
  const domains = new Map<string, Filled>();
  const ids = new Map<string, string>();
  const names = new Map<number, string>();
  const of = (key: string): Filled => {
    const name = key.slice(0, key.indexOf('-'));
    const domain = domains.get(name) ?? { users: new Map(), groups: new Map() };
    domains.set(name, domain);
    return domain;
  };
  for (const row of db.prepare<[], Row>('SELECT seq, id, attributes, active FROM users').all()) {
    const { userName, externalId, displayName, name, emails, active } = JSON.parse(row.attributes);
    if (externalId !== `uid-${userName}` || active !== (row.active === 1)) {
      throw new Error(`${row.id} is no user that was pushed: ${row.attributes}`);
    }
    names.set(row.seq, userName);
    ids.set(userName, row.id);
    const person = { displayName, formatted: name.formatted, email: emails[0].value, active };
    of(userName).users.set(userName, person);
  }
  const members = db
    .prepare<[number], number>(
      'SELECT user_seq FROM user_members JOIN member_sets ON id = set_id WHERE group_seq = ?',
    )
    .pluck();
  for (const row of db.prepare<[], Omit<Row, 'active'>>('SELECT seq, id, attributes FROM groups').all()) {
    const { externalId, displayName } = JSON.parse(row.attributes);
    ids.set(externalId, row.id);
    const inside = new Set(members.all(row.seq).map((seq) => names.get(seq) ?? `number ${seq}`));
    of(externalId).groups.set(externalId, { displayName, members: inside });
  }
  const integrity = db.prepare<[], string>('PRAGMA integrity_check').pluck().all();
  const broken = db.prepare('PRAGMA foreign_key_check').all();
  return {
    ...{ domains, ids },
    faults: [...integrity.filter((line) => line !== 'ok'), ...broken.map((row) => JSON.stringify(row))],
    left: Number(db.prepare('SELECT count(*) FROM member_sets WHERE group_seq IS NULL').pluck().get()),
  };
}

export function domainOf({ domains }: FoundDirectory, name: string): Domain {
  return domains.get(name) ?? NOTHING;
}
