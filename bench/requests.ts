import { PATCH_OP } from '../src/scim/urns.ts';
import type { Outgoing } from './client.ts';
import { groupName, personOf, type Shelf, SMALL } from './stock.ts';

/** One kind of request, sent again and again, about somebody else each round. */
export type RequestKind = {
  readonly name: string;
  /** Sent before, and not measured; its answer has the id that `request` gets. */
  readonly prepare?: (shelf: Shelf, round: number) => Outgoing;
  readonly request: (shelf: Shelf, round: number, id: string) => Outgoing;
  /** How many resources the list in the answer has. */
  readonly finds?: number;
};

/** Far apart, so that no cache makes it look better than it is. */
function spread<T>(list: readonly T[], round: number): T {
  const chosen = list[(round * 104_729) % list.length];
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
}

/** By the number of the person, which is the same for all of her attributes. */
const person = (shelf: Shelf, round: number) =>
  personOf((round * 104_729) % shelf.members.length, shelf.userCount);
const group = (shelf: Shelf, round: number) => (round * 104_729) % shelf.small.length;
const largest = (shelf: Shelf) => shelf.large.at(-1)?.id ?? '';

function get(path: string, parameters: Readonly<Record<string, string | number>> = {}): Outgoing {
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return { method: 'GET', path: query.length === 0 ? path : `${path}?${query.join('&')}` };
}

const finding = (name: string, path: string, filter: (shelf: Shelf, round: number) => string) => ({
  name,
  finds: 1,
  request: (shelf: Shelf, round: number) => get(path, { filter: filter(shelf, round) }),
});

const page = (name: string, startIndex: (shelf: Shelf) => number, more = {}) => ({
  name,
  finds: 100,
  request: (shelf: Shelf) => get('/Users', { startIndex: startIndex(shelf), count: 100, ...more }),
});

const READS: readonly RequestKind[] = [
  { name: 'GET a user', request: (shelf, round) => get(`/Users/${spread(shelf.members, round)}`) },
  finding('users, id eq', '/Users', (shelf, round) => `id eq "${spread(shelf.members, round)}"`),
  finding('users, userName eq', '/Users', (shelf, round) => `userName eq "${person(shelf, round).userName}"`),
  finding(
    'users, externalId eq',
    '/Users',
    (shelf, round) => `externalId eq "${person(shelf, round).externalId}"`,
  ),
  finding(
    'users, displayName eq',
    '/Users',
    (shelf, round) => `displayName eq "${person(shelf, round).displayName}"`,
  ),
  finding(
    'users, emails.value eq',
    '/Users',
    (shelf, round) => `emails.value eq "${person(shelf, round).emails[0]?.value}"`,
  ),
  page('users, first page of 100', () => 1),
  page('users, a page in the middle', ({ userCount }) => userCount / 2 + 1),
  page('users, last page', ({ userCount }) => userCount - 99),
  page('users, first page, sortBy=userName', () => 1, { sortBy: 'userName' }),
  { name: 'GET a group', request: (shelf, round) => get(`/Groups/${spread(shelf.small, round)}`) },
  finding('groups, id eq', '/Groups', (shelf, round) => `id eq "${spread(shelf.small, round)}"`),
  finding(
    'groups, displayName eq',
    '/Groups',
    (shelf, round) => `displayName eq "${groupName(group(shelf, round))}"`,
  ),
  finding('groups, externalId eq', '/Groups', (shelf, round) => `externalId eq "gid-${group(shelf, round)}"`),
  {
    name: 'groups, members.value eq',
    finds: 2,
    request: (shelf, round) =>
      get('/Groups', { filter: `members.value eq "${spread(shelf.members, round)}"` }),
  },
  {
    name: 'the largest group, has it a member?',
    finds: 1,
    request: (shelf, round) =>
      get('/Groups', {
        filter: `id eq "${largest(shelf)}" and members.value eq "${spread(shelf.many, round)}"`,
        attributes: 'id',
      }),
  },
  {
    name: 'groups, first page of 19, no members',
    finds: 19,
    request: () => get('/Groups', { count: 19, excludedAttributes: 'members' }),
  },
];

const newPerson = (round: number) => ({
  ...personOf(round, 1),
  userName: `new${round}`,
  externalId: `new-${round}`,
});
const newGroup = (shelf: Shelf, round: number) => ({
  displayName: `new ${round} ${performance.now()}`,
  members: shelf.members.slice(0, SMALL).map((value) => ({ value })),
});
/** As few of them, however many there are: so that they grow alike. */
const fewGroups = ({ small }: Shelf, round: number) => spread(small.slice(0, 19), round);
const patch = (path: string, operation: object): Outgoing => ({
  method: 'PATCH',
  path,
  body: { schemas: [PATCH_OP], Operations: [operation] },
});

export const addMember = (id: string, value: string): Outgoing =>
  patch(`/Groups/${id}`, { op: 'add', path: 'members', value: [{ value }] });
export const removeMember = (id: string, value: string): Outgoing =>
  patch(`/Groups/${id}`, { op: 'remove', path: `members[value eq "${value}"]` });

const WRITES: readonly RequestKind[] = [
  {
    name: 'POST a user',
    request: (_shelf, round) => ({ method: 'POST', path: '/Users', body: newPerson(round) }),
  },
  {
    name: 'PUT a user',
    request: (shelf, round) => ({
      method: 'PUT',
      path: `/Users/${spread(shelf.members, round)}`,
      body: { ...person(shelf, round), title: `of round ${round}` },
    }),
  },
  {
    name: 'PATCH a user',
    request: (shelf, round) =>
      patch(`/Users/${spread(shelf.members, round)}`, { op: 'replace', path: 'title', value: `t ${round}` }),
  },
  {
    name: 'DELETE a user',
    prepare: (_shelf, round) => ({ method: 'POST', path: '/Users', body: newPerson(100_000 + round) }),
    request: (_shelf, _round, id) => ({ method: 'DELETE', path: `/Users/${id}` }),
  },
  {
    name: `POST a group of ${SMALL}`,
    request: (shelf, round) => ({ method: 'POST', path: '/Groups', body: newGroup(shelf, round) }),
  },
  {
    name: `rename a group of ${SMALL}`,
    request: (shelf, round) =>
      patch(`/Groups/${spread(shelf.small, round)}`, {
        op: 'replace',
        path: 'displayName',
        value: `renamed ${round}`,
      }),
  },
  {
    name: `DELETE a group of ${SMALL}`,
    prepare: (shelf, round) => ({ method: 'POST', path: '/Groups', body: newGroup(shelf, round) }),
    request: (_shelf, _round, id) => ({ method: 'DELETE', path: `/Groups/${id}` }),
  },
  {
    name: 'PATCH, add one member',
    request: (shelf, round) => addMember(fewGroups(shelf, round), spread(shelf.newcomers, round)),
  },
  {
    name: 'PATCH, remove one member',
    request: (shelf, round) => removeMember(fewGroups(shelf, round), spread(shelf.newcomers, round)),
  },
];

/** Those that only read come first: they see what was stored, and no more. */
export const KINDS: readonly RequestKind[] = [...READS, ...WRITES];
