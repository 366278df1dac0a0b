import got from 'got';
import { GROUP, PATCH_OP, USER } from '../scim/urns.ts';
import { TOKEN } from './demo-stage.ts';

/** An identity provider in small, which sends what Authentik sends. Users and groups go by name. */
export function createDemoProvider(usherUrl: string) {
  const ids = new Map<string, string>();
  const scim = got.extend({
    prefixUrl: `${usherUrl}/scim/v2`,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' },
    retry: { limit: 0 },
  });
  const idOf = (name: string): string => ids.get(name) ?? unknown(name);
  const create = async (path: string, name: string, resource: object): Promise<void> => {
    const created = await scim.post(path, { body: JSON.stringify(resource) }).json<{ id: string }>();
    ids.set(name, created.id);
  };
  const patchGroup = async (group: string, operation: object): Promise<void> => {
    const body = JSON.stringify({ schemas: [PATCH_OP], Operations: [operation] });
    await scim.patch(`Groups/${idOf(group)}`, { body });
  };

  return {
    async createUsers(...names: readonly string[]): Promise<void> {
      for (const name of names) await create('Users', name, userResource(name, true));
    },
    async setActive(name: string, active: boolean): Promise<void> {
      await scim.put(`Users/${idOf(name)}`, { body: JSON.stringify(userResource(name, active)) });
    },
    async deleteUser(name: string): Promise<void> {
      await scim.delete(`Users/${idOf(name)}`);
    },
    async createGroup(displayName: string, ...members: readonly string[]): Promise<void> {
      const externalId = `id-of-${displayName.toLowerCase()}`;
      await create('Groups', displayName, { schemas: [GROUP], displayName, externalId });
      for (const member of members) await this.addMember(displayName, member);
    },
    async deleteGroup(displayName: string): Promise<void> {
      await scim.delete(`Groups/${idOf(displayName)}`);
    },
    async addMember(group: string, member: string): Promise<void> {
      await patchGroup(group, { op: 'add', path: 'members', value: [{ value: idOf(member) }] });
    },
    async removeMember(group: string, member: string): Promise<void> {
      await patchGroup(group, { op: 'remove', path: `members[value eq "${idOf(member)}"]` });
    },
  };
}

function userResource(name: string, active: boolean): object {
  const displayName = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return {
    schemas: [USER],
    userName: name,
    externalId: `uid-of-${name}`,
    displayName,
    active,
    emails: [{ value: `${name}@example.com`, type: 'other', primary: true }],
  };
}

function unknown(name: string): never {
  throw new TypeError(`the demo has no ${name}`);
}
