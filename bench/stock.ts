import type { ResourceId, SourceId } from '../src/directory/resource.ts';
import { filling } from './filling.ts';

/** What is stored before anything is measured. Memberships: 2 for each person in a small group, 1 for each in a large one. */
export type Stock = {
  readonly users: number;
  readonly groups: number;
  /** Members of the groups that are not small, the largest one last. */
  readonly large: readonly number[];
  /** How many groups there are besides, each with a tenth of the members of the largest one: for the mass. */
  readonly crowds: number;
};

export const LARGE: Stock = { users: 100_000, groups: 2_000, large: [10, 50, 5_000, 50_000], crowds: 170 };
/** The largest one last; it has a million memberships. */
export const SIZES: readonly Stock[] = [
  { users: 1_000, groups: 20, large: [10, 50, 200], crowds: 0 },
  { users: 10_000, groups: 200, large: [10, 50, 500, 5_000], crowds: 17 },
  LARGE,
];

/** Ids of what is stored. */
export type Shelf = {
  readonly userCount: number;
  /** Each is in two of the small groups, and in nothing else. */
  readonly members: readonly string[];
  /** In order of creation; each has `SMALL` members. */
  readonly small: readonly string[];
  /** The largest one last. */
  readonly large: readonly { readonly id: string; readonly size: number }[];
  /** All are in the largest group. */
  readonly many: readonly string[];
  /** In no group. */
  readonly newcomers: readonly string[];
};

export const SMALL = 40;
const SOURCE = 'default' as SourceId;

/** Fills a folder by the store. */
export function fill(dataDir: string, { users, groups, large, crowds }: Stock): Promise<Shelf> {
  return filling(dataDir, async (stores) => {
    const people: ResourceId[] = [];
    for (let index = 0; index < users; index += 1) {
      people.push((await stores.users.create(SOURCE, personOf(index, users), Date.now())).id);
    }
    const makeGroup = async (index: number, members: readonly string[]): Promise<string> => {
      const attributes = { displayName: groupName(index), externalId: `gid-${index}` };
      return (await stores.groups.create(SOURCE, { attributes, members }, Date.now())).id;
    };

    const count = groups - large.length - crowds;
    const members = people.slice(0, (count * SMALL) / 2);
    const around = [...members, ...members.slice(0, SMALL)];
    const rest = people.slice(members.length);
    const small: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const from = (index * SMALL) % members.length;
      small.push(await makeGroup(index, around.slice(from, from + SMALL)));
    }
    const made: { id: string; size: number }[] = [];
    for (const [index, size] of large.entries()) {
      made.push({ id: await makeGroup(count + index, rest.slice(0, size)), size });
    }
    const largest = large.at(-1) ?? 0;
    for (let index = 0; index < crowds; index += 1) {
      await makeGroup(count + large.length + index, rest.slice(0, largest / 10));
    }
    return {
      userCount: users,
      members,
      small,
      large: made,
      many: rest.slice(0, largest),
      newcomers: rest.slice(largest),
    };
  });
}

/** As Authentik sends one. The order of names is not the order of creation. */
export function personOf(index: number, users: number) {
  const userName = `user${String((index * 7919) % users).padStart(6, '0')}`;
  const [givenName, familyName] = [`Given${index}`, `Family${index}`];
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName,
    externalId: `uid-${index}`,
    active: true,
    displayName: `${givenName} ${familyName}`,
    name: { formatted: `${givenName} ${familyName}`, givenName, familyName },
    emails: [{ value: `mail${index}@example.com`, type: 'work', primary: true }],
  };
}

export function groupName(index: number): string {
  return `Group ${index}`;
}
