import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { NotFound } from '../../directory/error.ts';
import { type Attributes, foldCase, type ResourceId, type SourceId } from '../../directory/resource.ts';
import { type Profile, profileOf, type User } from '../../directory/user.ts';
import { isEmailAddress } from '../../plan/account-update.ts';
import type { ResourceStore } from '../store.ts';
import { unique } from './constraint.ts';
import type { Connection } from './database.ts';
import { createListing, type ResourceRow, toResource } from './listing.ts';
import type { Marker } from './work.ts';

export function createUserStore(db: Connection, mark: Marker): ResourceStore<User, Attributes, Attributes> {
  const list = createListing(db, 'users');
  const statements = {
    get: db.prepare<[string, string], ResourceRow>('SELECT * FROM users WHERE source = ? AND id = ?'),
    insert: db.prepare(`
      INSERT INTO users (id, source, user_name_key, external_id, active, display_name, email, attributes, version, created, last_modified)
      VALUES (@id, @source, @userNameKey, @externalId, @active, @displayName, @email, @attributes, 1, @now, @now)`),
    update: db.prepare(`
      UPDATE users SET user_name_key = @userNameKey, external_id = @externalId, active = @active,
        display_name = @displayName, email = @email, attributes = @attributes, version = version + 1, last_modified = @now
      WHERE source = @source AND id = @id`),
    remove: db.prepare('DELETE FROM users WHERE source = ? AND id = ?'),
    leaveGroups: db.prepare('DELETE FROM members WHERE value = ?'),
    claimMemberships: db.prepare(`
      UPDATE OR IGNORE members SET value = @id, type = 'User'
      WHERE type = 'unknown' AND value = @externalId
        AND group_id IN (SELECT id FROM groups WHERE source = @source)`),
    dropClaimed: db.prepare(`
      DELETE FROM members WHERE type = 'unknown' AND value = @externalId
        AND group_id IN (SELECT id FROM groups WHERE source = @source)`),
  };

  const find = (source: SourceId, id: string): User | undefined => {
    const row = statements.get.get(source, id);
    return row && toResource(row);
  };

  /** Members who were named by an external id before its owner was pushed; some may be members by id already. */
  const claimMemberships = (id: ResourceId, source: SourceId, { externalId }: Profile): void => {
    if (externalId === undefined) return;
    statements.claimMemberships.run({ id, source, externalId });
    statements.dropClaimed.run({ source, externalId });
  };

  const create = db.transaction((source: SourceId, attributes: Attributes, now: number): User => {
    const id = randomUUID() as ResourceId;
    const profile = profileOf(attributes);
    unique('userName', () => statements.insert.run({ id, source, ...columns(attributes, profile), now }));
    claimMemberships(id, source, profile);
    mark([id], 'small', now);
    return { id, source, attributes, version: 1, created: now, lastModified: now };
  });

  const update = db.transaction(
    (source: SourceId, id: string, change: (current: User) => Attributes, now: number): User => {
      const current = find(source, id);
      if (current === undefined) throw new NotFound('User', id);
      const attributes = change(current);
      if (isDeepStrictEqual(attributes, current.attributes)) return current;
      const profile = profileOf(attributes);
      unique('userName', () => statements.update.run({ id, source, ...columns(attributes, profile), now }));
      claimMemberships(current.id, source, profile);
      mark([current.id], profile.active ? 'small' : 'removal', now);
      return { ...current, attributes, version: current.version + 1, lastModified: now };
    },
  );

  const remove = db.transaction((source: SourceId, id: string, now: number): void => {
    if (statements.remove.run(source, id).changes === 0) throw new NotFound('User', id);
    statements.leaveGroups.run(id);
    mark([id as ResourceId], 'removal', now);
  });

  return {
    create: async (source, attributes, now) => create.immediate(source, attributes, now),
    get: async (source, id) => find(source, id),
    list: async (source, query) => list(source, query),
    update: async (source, id, change, now) => update.immediate(source, id, change, now),
    remove: async (source, id, now) => remove.immediate(source, id, now),
  };
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
