import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What synapse-scim writes of a user: pydantic's `model_dump()`, with null for what was not sent and without an id. */
export function oldUser(userName: string, more: object = {}): object {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName,
    name: {
      formatted: userName,
      familyName: '',
      givenName: userName,
      middleName: null,
      honorificPrefix: null,
      honorificSuffix: null,
    },
    displayName: userName,
    emails: [{ value: `${userName}@mail.example`, type: 'other', primary: true }],
    active: true,
    externalId: `uid-${userName}`,
    ...more,
  };
}

export function oldGroup(displayName: string, externalId: string, members: readonly string[] | null): object {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName,
    members: members?.map((value) => ({ value, ref: null })) ?? null,
    externalId,
  };
}

/** A DATA_DIR of synapse-scim. */
export function oldDataDir(
  folder: string,
  files: { readonly users: unknown; readonly groups: unknown; readonly map?: string },
): string {
  const dataDir = join(folder, 'synapse-scim');
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'users.json'), text(files.users));
  writeFileSync(join(dataDir, 'groups.json'), text(files.groups));
  if (files.map !== undefined) writeFileSync(join(dataDir, 'group-map.jsonc'), files.map);
  return dataDir;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
