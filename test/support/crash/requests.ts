import { pick, type Random } from '../scim/random.ts';
import {
  type Domain,
  type PersonState,
  removeGroup,
  removeUser,
  type Step,
  saveGroup,
  saveUser,
} from './domain.ts';

export type Push = {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly body?: object | undefined;
  /** One for each part that may be there without the next one: operations of a bulk request. */
  readonly steps: readonly Step[];
  /** The user name or external id of what a POST creates. */
  readonly creates?: string | undefined;
};

/** What a provider has and knows. */
export type Stock = {
  readonly name: string;
  readonly domain: Domain;
  /** SCIM ids by user name or external id. */
  readonly ids: ReadonlyMap<string, string>;
  /** Users that all groups may have, and nobody changes. */
  readonly crowd: readonly string[];
  /** A number that was not given before. */
  readonly next: () => number;
};

const CORE = 'urn:ietf:params:scim:schemas:core:2.0';
const API = 'urn:ietf:params:scim:api:messages:2.0';
const MOST_USERS = 30;
/** Above what is written in one piece. */
const MANY = 1_500;

/** The external ids of a provider's groups: two are in the map, one grows large. */
export const groupKeys = (name: string) => ({
  own: `${name}-own`,
  shared: `${name}-shared`,
  large: `${name}-large`,
});

/** The next request of a provider. */
export function choose(random: Random, stock: Stock): Push {
  const small = Object.values(groupKeys(stock.name)).slice(0, 2);
  for (const key of Object.values(groupKeys(stock.name))) {
    if (!stock.domain.groups.has(key)) return createGroup(random, stock, key);
  }
  if (stock.domain.users.size < 8) return createUser(stock);
  const roll = random() * 100;
  if (roll < 14) return stock.domain.users.size < MOST_USERS ? createUser(stock) : deleteUser(random, stock);
  if (roll < 24) return putUser(random, stock);
  if (roll < 34) return patchUser(random, stock);
  if (roll < 40) return deleteUser(random, stock);
  if (roll < 60) return patchFew(random, stock, pick(random, small));
  if (roll < 70) return putGroup(random, stock, pick(random, small));
  if (roll < 75) return deleteGroup(stock, pick(random, small));
  if (roll < 87) return putGroup(random, stock, groupKeys(stock.name).large);
  if (roll < 94) return patchMany(random, stock);
  return bulk(random, stock);
}

function createUser(stock: Stock): Push {
  const { userName, person } = newUser(stock);
  const body = userBody(userName, person);
  const steps = [saveUser(userName, person)];
  return { what: 'POST user', method: 'POST', path: '/Users', body, steps, creates: userName };
}

function putUser(random: Random, stock: Stock): Push {
  const userName = anybody(random, stock);
  const person = personOf(stock, random() < 0.8);
  const body = userBody(userName, person);
  return {
    what: 'PUT user',
    method: 'PUT',
    path: userPath(stock, userName),
    body,
    steps: [saveUser(userName, person)],
  };
}

function patchUser(random: Random, stock: Stock): Push {
  const userName = anybody(random, stock);
  const person = personOf(stock, random() < 0.8);
  const { schemas: _, userName: __, externalId: ___, ...changes } = userBody(userName, person);
  const operations = Object.entries(changes).map(([path, value]) => ({ op: 'replace', path, value }));
  return {
    ...{ what: 'PATCH user', method: 'PATCH', path: userPath(stock, userName), body: patchBody(operations) },
    steps: [saveUser(userName, person)],
  };
}

function deleteUser(random: Random, stock: Stock): Push {
  const userName = anybody(random, stock);
  const path = userPath(stock, userName);
  return { what: 'DELETE user', method: 'DELETE', path, steps: [removeUser(userName)] };
}

function createGroup(random: Random, stock: Stock, key: string): Push {
  const members = some(random, [...stock.domain.users.keys()], 6);
  const displayName = nameFor(stock, key);
  const body = { ...groupBody(key, displayName), members: valuesOf(stock, members) };
  const steps = [saveGroup(key, () => ({ displayName, members: new Set(members) }))];
  return { what: 'POST group', method: 'POST', path: '/Groups', body, steps, creates: key };
}

function deleteGroup(stock: Stock, key: string): Push {
  return { what: 'DELETE group', method: 'DELETE', path: groupPath(stock, key), steps: [removeGroup(key)] };
}

function putGroup(random: Random, stock: Stock, key: string): Push {
  const isLarge = key === groupKeys(stock.name).large;
  const own = some(random, [...stock.domain.users.keys()], MOST_USERS);
  const crowd = isLarge ? some(random, stock.crowd, random() < 0.8 ? MANY : 20) : [];
  const members = [...own, ...crowd];
  const displayName = nameFor(stock, key);
  const body = { ...groupBody(key, displayName), members: valuesOf(stock, members) };
  return {
    ...{ what: members.length > 1_000 ? 'PUT large group' : 'PUT group', method: 'PUT' },
    ...{ path: groupPath(stock, key), body },
    steps: [saveGroup(key, () => ({ displayName, members: new Set(members) }))],
  };
}

/** One member, or some, or a new name with some who come and some who go: at once or not at all. */
function patchFew(random: Random, stock: Stock, key: string): Push {
  const all = [...stock.domain.users.keys()];
  const present = [...(stock.domain.groups.get(key)?.members ?? [])];
  const isOne = random() < 0.4;
  const coming = isOne ? [pick(random, all)] : some(random, all, 6);
  const going = isOne
    ? []
    : some(
        random,
        present.filter((name) => !coming.includes(name)),
        4,
      );
  const displayName = isOne ? undefined : nameFor(stock, key);
  const operations = [
    ...going.map((name) => ({ op: 'remove', path: `members[value eq "${idOf(stock, name)}"]` })),
    ...(displayName === undefined ? [] : [{ op: 'replace', path: 'displayName', value: displayName }]),
    ...coming.map((name) => ({ op: 'add', path: 'members', value: valuesOf(stock, [name]) })),
  ];
  if (operations.length === 0) return createUser(stock);
  return {
    ...{ what: isOne ? 'PATCH one member' : 'PATCH some members', method: 'PATCH' },
    ...{ path: groupPath(stock, key), body: patchBody(operations) },
    steps: [changeMembers(key, coming, going, displayName)],
  };
}

function patchMany(random: Random, stock: Stock): Push {
  const key = groupKeys(stock.name).large;
  const names = some(random, stock.crowd, MANY);
  const isAdding = random() < 0.5;
  const displayName = nameFor(stock, key);
  const body = patchBody([
    { op: isAdding ? 'add' : 'remove', path: 'members', value: valuesOf(stock, names) },
    { op: 'replace', path: 'displayName', value: displayName },
  ]);
  const steps = [changeMembers(key, isAdding ? names : [], isAdding ? [] : names, displayName)];
  return { what: 'PATCH many members', method: 'PATCH', path: groupPath(stock, key), body, steps };
}

/** Each operation by itself, one after the other. */
function bulk(random: Random, stock: Stock): Push {
  const key = groupKeys(stock.name).own;
  const fresh = Array.from({ length: 3 }, () => newUser(stock));
  const changed = anybody(random, stock);
  const changes = personOf(stock, true);
  const operations = [
    ...fresh.map(({ userName, person }) => ({
      ...{ method: 'POST', path: '/Users', bulkId: userName, data: userBody(userName, person) },
    })),
    { method: 'PUT', path: userPath(stock, changed), data: userBody(changed, changes) },
    {
      ...{ method: 'PATCH', path: groupPath(stock, key) },
      data: patchBody([
        { op: 'add', path: 'members', value: fresh.map(({ userName }) => ({ value: `bulkId:${userName}` })) },
      ]),
    },
    ...(stock.domain.users.size > 20 ? [{ method: 'DELETE', path: userPath(stock, changed) }] : []),
  ];
  const steps = [
    ...fresh.map(({ userName, person }) => saveUser(userName, person)),
    saveUser(changed, changes),
    changeMembers(
      key,
      fresh.map(({ userName }) => userName),
      [],
      undefined,
    ),
    ...(stock.domain.users.size > 20 ? [removeUser(changed)] : []),
  ];
  const body = { schemas: [`${API}:BulkRequest`], Operations: operations };
  return { what: 'bulk', method: 'POST', path: '/Bulk', body, steps };
}

function changeMembers(
  key: string,
  coming: readonly string[],
  going: readonly string[],
  displayName: string | undefined,
): Step {
  return saveGroup(key, (before) => ({
    displayName: displayName ?? before?.displayName ?? '',
    members: (before?.members ?? new Set()).difference(new Set(going)).union(new Set(coming)),
  }));
}

function newUser(stock: Stock) {
  return { userName: `${stock.name}-u${stock.next()}`, person: personOf(stock, true) };
}

function personOf(stock: Stock, active: boolean): PersonState {
  const tag = `${stock.name} ${stock.next()}`;
  return { displayName: tag, formatted: tag, email: `${tag.replace(' ', '.')}@example.com`, active };
}

export function userBody(userName: string, { displayName, formatted, email, active }: PersonState) {
  return {
    ...{ schemas: [`${CORE}:User`], userName, externalId: `uid-${userName}`, displayName, active },
    name: { formatted },
    emails: [{ value: email, type: 'other', primary: true }],
  };
}

function groupBody(externalId: string, displayName: string) {
  return { schemas: [`${CORE}:Group`], externalId, displayName };
}

function patchBody(operations: readonly object[]) {
  return { schemas: [`${API}:PatchOp`], Operations: operations };
}

function nameFor(stock: Stock, key: string): string {
  return `${key} ${stock.next()}`;
}

function anybody(random: Random, { domain }: Stock): string {
  return pick(random, [...domain.users.keys()]);
}

/** Up to so many, each once. */
function some(random: Random, all: readonly string[], most: number): readonly string[] {
  const start = Math.floor(random() * all.length);
  const turned = [...all.slice(start), ...all.slice(0, start)];
  return turned.slice(0, Math.floor(random() * (Math.min(most, all.length) + 1)));
}

function idOf({ ids }: Stock, key: string): string {
  const id = ids.get(key);
  if (id === undefined) throw new Error(`the id of ${key} is not known`);
  return id;
}

const userPath = (stock: Stock, userName: string): string => `/Users/${idOf(stock, userName)}`;
const groupPath = (stock: Stock, key: string): string => `/Groups/${idOf(stock, key)}`;

function valuesOf(stock: Stock, names: readonly string[]): readonly object[] {
  return names.map((name) => ({ value: idOf(stock, name) }));
}
