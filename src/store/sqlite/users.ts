import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { NotFound } from '../../directory/error.ts';
import { type Attributes, foldCase, type ResourceId, type SourceId } from '../../directory/resource.ts';
import { type Profile, profileOf, type User } from '../../directory/user.ts';
import { isEmailAddress } from '../../plan/account-update.ts';
import type { ResourceStore } from '../store.ts';
import type { Commits } from './commits.ts';
import { unique } from './constraint.ts';
import type { Connection } from './database.ts';
import { createListing, isSameJson, modifiedAt, type ResourceRow, toResource } from './listing.ts';
import { createMemberships } from './memberships.ts';
import { createArrivals, type Marker, type Occasion } from './work.ts';

export function createUserStore(
  db: Connection,
  mark: Marker,
  commits: Commits,
): ResourceStore<User, Attributes, Attributes> {
  const listing = createListing(db, 'users');
  const memberships = createMemberships(db);
  const urgencyOfArrival = createArrivals(db);
  const statements = {
    get: db.prepare<[string, string], ResourceRow>('SELECT * FROM users WHERE source = ? AND id = ?'),
    insert: db.prepare(`
      INSERT INTO users (id, source, user_name_key, external_id, active, display_name, email, attributes, version, created, last_modified)
      VALUES (@id, @source, @userNameKey, @externalId, @active, @displayName, @email, @attributes, 1, @now, @now)`),
    update: db.prepare(`
      UPDATE users SET user_name_key = @userNameKey, external_id = @externalId, active = @active,
        display_name = @displayName, email = @email, attributes = @attributes, version = version + 1, last_modified = @now
      WHERE source = @source AND id = @id`),
    touch: db.prepare('UPDATE users SET last_modified = ? WHERE id = ?'),
    remove: db.prepare('DELETE FROM users WHERE seq = ?'),
    forgetKeys: db.prepare('DELETE FROM user_keys WHERE user_seq = ?'),
    saveKey: db.prepare('INSERT OR IGNORE INTO user_keys (user_seq, attribute, key) VALUES (?, ?, ?)'),
  };

  const find = (source: SourceId, id: string): ResourceRow => {
    const row = statements.get.get(source, id);
    if (row === undefined) throw new NotFound('User', id);
    return row;
  };

  /** Members who were named by her external id before she was pushed, or by her id in the same request. */
  const claim = (source: SourceId, seq: number, id: ResourceId, { externalId }: Profile): void =>
    memberships.claimAsUser({ source, seq, values: externalId === undefined ? [id] : [id, externalId] });

  const saveKeys = (seq: number, keys: readonly Key[]): void => {
    for (const [attribute, key] of keys) statements.saveKey.run(seq, attribute, key);
  };

  const create = db.transaction(
    (source: SourceId, attributes: Attributes, occasion: Occasion, id: ResourceId): User => {
      const { now } = occasion;
      const profile = profileOf(attributes);
      const row = { id, source, ...columns(attributes, profile), now };
      const seq = Number(unique('userName', () => statements.insert.run(row)).lastInsertRowid);
      saveKeys(seq, keysOf(attributes));
      claim(source, seq, id, profile);
      mark([id], urgencyOfArrival(), occasion);
      return { id, source, attributes, version: 1, created: now, lastModified: now };
    },
  );

  const update = db.transaction(
    (source: SourceId, id: string, change: (current: User) => Attributes, occasion: Occasion): User => {
      const { now } = occasion;
      const row = find(source, id);
      const current = toResource(row);
      const attributes = change(current);
      if (isSameJson(attributes, row)) return touched(current, now);
      const profile = profileOf(attributes);
      const lastModified = modifiedAt(current, now);
      const columnValues = { id, source, ...columns(attributes, profile), now: lastModified };
      unique('userName', () => statements.update.run(columnValues));
      const keys = keysOf(attributes);
      if (!isDeepStrictEqual(keys, keysOf(current.attributes))) {
        statements.forgetKeys.run(row.seq);
        saveKeys(row.seq, keys);
      }
      claim(source, row.seq, current.id, profile);
      mark([current.id], profile.active ? 'small' : 'removal', occasion);
      return { ...current, attributes, version: current.version + 1, lastModified };
    },
  );

  /** Nothing changed, but she was written: Pocket ID would send her again and again otherwise (pocketid-02). */
  const touched = (user: User, now: number): User => {
    const lastModified = modifiedAt(user, now);
    statements.touch.run(lastModified, user.id);
    return { ...user, lastModified };
  };

  const remove = db.transaction(
    (source: SourceId, id: string, occasion: Occasion, allow?: (current: User) => void): void => {
      const row = find(source, id);
      allow?.(toResource(row));
      memberships.leaving(row.seq);
      statements.remove.run(row.seq);
      mark([row.id as ResourceId], 'removal', occasion);
    },
  );

  return {
    create: (source, attributes, now, id = randomUUID() as ResourceId, cause = undefined) =>
      commits.write(() => create(source, attributes, { now, cause }, id)),
    async get(source, id) {
      const row = statements.get.get(source, id);
      return row && toResource(row);
    },
    list: async (source, query) => listing.list(source, query),
    scan: (source, query) => listing.scan(source, query),
    update: (source, id, change, now, cause) =>
      commits.write(() => update(source, id, change, { now, cause })),
    remove: (source, id, now, allow, cause) => commits.write(() => remove(source, id, { now, cause }, allow)),
  };
}

/** What she is looked up by, beside the columns. */
type Key = readonly [
  attribute: 'displayName' | 'emails.value' | 'externalId' | 'name' | 'userName',
  key: string,
];

function keysOf(attributes: Attributes): readonly Key[] {
  const { displayName, emails } = attributes;
  const profile = profileOf(attributes);
  const addresses: readonly unknown[] = Array.isArray(emails) ? emails : [];
  const keys: Key[] = typeof displayName === 'string' ? [['displayName', foldCase(displayName)]] : [];
  for (const email of addresses) {
    const value = typeof email === 'object' && email !== null && 'value' in email ? email.value : undefined;
    if (typeof value === 'string') keys.push(['emails.value', foldCase(value)]);
  }
  const shown = profile.displayName && foldCase(profile.displayName);
  if (shown !== undefined && keys.every(([attribute, key]) => attribute !== 'displayName' || key !== shown)) {
    keys.push(['name', shown]);
  }
  if (profile.externalId !== undefined) keys.push(['externalId', foldCase(profile.externalId)]);
  return [...keys, ['userName', foldCase(profile.userName)]];
}

function columns(attributes: Attributes, profile: Profile) {
  return {
    userNameKey: foldCase(profile.userName),
    externalId: profile.externalId ?? null,
    active: profile.active ? 1 : 0,
    displayName: profile.displayName ?? null,
    email: isEmailAddress(profile.email) ? profile.email.toLowerCase() : null,
    attributes: JSON.stringify(attributes),
  };
}
