import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject } from '../../src/scim/json.ts';
import {
  ENTERPRISE,
  group,
  MATRIX_GROUP,
  MATRIX_USER,
  type Send,
  scimClient,
  USER,
  user,
} from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

/** Has a value in every attribute of its schemas. */
const FULL_USER = user('Full@example.com', {
  schemas: [USER, ENTERPRISE],
  externalId: 'Ext-1',
  name: {
    formatted: 'Dr. Ann "the boss" O\\Hara, Jr.',
    familyName: "O'Hara",
    givenName: 'Ann',
    middleName: 'B.',
    honorificPrefix: 'Dr.',
    honorificSuffix: 'Jr.',
  },
  displayName: 'Änn [Lee] (x)',
  nickName: 'Annie',
  profileUrl: 'https://people.example/Ann',
  title: 'Dr',
  userType: 'Employee',
  preferredLanguage: 'de, en;q=0.5',
  locale: 'de-DE',
  timezone: 'Europe/Berlin',
  active: false,
  emails: [
    { value: 'work@x.example', type: 'work', display: 'Work', primary: true },
    { value: 'home@x.example', type: 'home' },
  ],
  phoneNumbers: [{ value: 'tel:+1-201-555-0123', type: 'mobile', display: '+1', primary: false }],
  ims: [{ value: '@ann:x', type: 'matrix', display: 'Ann', primary: true }],
  photos: [{ value: 'https://people.example/Ann.png', type: 'photo', display: 'Ann', primary: true }],
  addresses: [
    {
      formatted: '1 Way\nTown',
      streetAddress: '1 Way',
      locality: 'Town',
      region: 'BY',
      postalCode: '12345',
      country: 'DE',
      type: 'work',
      primary: true,
    },
  ],
  entitlements: [{ value: 'vpn', display: 'VPN', type: 'it', primary: true }],
  roles: [{ value: 'admin', display: 'Admin', type: 'it', primary: true }],
  x509Certificates: [{ value: 'MIIDQzCCAqygAwIB', display: 'c', type: 'smime', primary: true }],
  [ENTERPRISE]: {
    employeeNumber: '701984',
    costCenter: '4130',
    organization: 'Universal',
    division: 'Parks',
    department: 'R&D',
    manager: { value: 'M-1', $ref: 'https://x.example/Users/M-1' },
  },
});

let server: ScimServer;
let send: Send;
const shown: Record<string, Record<string, unknown>> = {};
beforeAll(async () => {
  let full: string | undefined;
  server = await startScimServer({
    matrix: {
      users: async (ids) =>
        new Map(
          ids.map((id) => {
            const rooms = [{ roomId: '!Room:x', membership: 'joined', since: Date.UTC(2026, 1, 1) }];
            const some = { userId: '@Ann:x', accountState: 'active', rooms, lastError: 'slow' } as const;
            const none = {
              userId: undefined,
              accountState: 'none',
              rooms: [],
              lastError: undefined,
            } as const;
            return [id, id === full ? some : none] as const;
          }),
        ),
      groups: async (groups) =>
        new Map(
          groups.map(({ id, attributes }) => {
            const rooms = [{ target: '#Staff:x', roomId: '!Room:x', mode: 'additive' }];
            return [
              id,
              attributes.displayName === 'Full'
                ? { rooms, lastError: 'gone' }
                : { rooms: [], lastError: undefined },
            ] as const;
          }),
        ),
    },
  });
  send = scimClient(server);
  await send('POST', '/Users', user('other', { active: true }));
  full = (await send('POST', '/Users', FULL_USER)).body.id;
  const members = [{ value: full }];
  const { body: inner } = await send('POST', '/Groups', group('Inner', { members }));
  await send('POST', '/Groups', group('Other'));
  const { body: staff } = await send(
    'POST',
    '/Groups',
    group('Full', {
      externalId: 'G-1',
      members: [{ value: full }, { value: inner.id }, { value: 'nobody' }],
    }),
  );
  shown['/Users'] = (await send('GET', `/Users/${full}`)).body;
  shown['/Groups'] = (await send('GET', `/Groups/${staff.id}`)).body;
});
afterAll(() => server.stop());

/** Every single value of a resource, with the path that a filter names it by. */
function leavesOf(value: unknown, path: string): readonly (readonly [path: string, value: unknown])[] {
  if (Array.isArray(value)) return value.flatMap((entry) => leavesOf(entry, path));
  if (!isObject(value)) return [[path, value]];
  const separator = path.startsWith('urn:') && /:(User|Group)$/.test(path) ? ':' : '.';
  return Object.entries(value).flatMap(([name, part]) =>
    leavesOf(part, path === '' ? name : `${path}${separator}${name}`),
  );
}

const idsFound = async (endpoint: string, filter: string) => {
  const { status, body } = await send('GET', `${endpoint}?filter=${encodeURIComponent(filter)}`);
  expect({ filter, status }).toEqual({ filter, status: 200 });
  return body.Resources.map(({ id }: { id: string }) => id);
};

describe.each(['/Users', '/Groups'])('of %s, every value that is shown', (endpoint) => {
  const each = async (check: (path: string, value: unknown) => Promise<void>) => {
    const leaves = leavesOf(shown[endpoint], '');
    expect(leaves.length).toBeGreaterThan(endpoint === '/Users' ? 70 : 20);
    for (const [path, value] of leaves) await check(path, value);
  };
  const fullId = () => shown[endpoint]?.id;

  it('finds its resource by eq, and not by ne', async () => {
    await each(async (path, value) => {
      const literal = JSON.stringify(value);
      expect([path, await idsFound(endpoint, `${path} eq ${literal}`)]).toEqual([
        path,
        expect.arrayContaining([fullId()]),
      ]);
      expect([path, await idsFound(endpoint, `${path} ne ${literal}`)]).not.toEqual([
        path,
        expect.arrayContaining([fullId()]),
      ]);
    });
  });

  it('finds its resource by pr, and by the same name in other letters', async () => {
    await each(async (path, value) => {
      expect([path, await idsFound(endpoint, `${path} pr`)]).toEqual([
        path,
        expect.arrayContaining([fullId()]),
      ]);
      const shouted = path.startsWith('urn:') ? path : path.toUpperCase();
      expect(await idsFound(endpoint, `${shouted} EQ ${JSON.stringify(value)}`)).toContain(fullId());
    });
  });

  it('finds no other resource, unless they share it', async () => {
    const { body } = await send('GET', endpoint);
    const others = body.Resources.filter(({ id }: { id: string }) => id !== fullId());
    expect(others.length).toBeGreaterThan(0);
    const shared = new Set(others.flatMap((other: object) => leavesOf(other, '')).map(String));
    await each(async (path, value) => {
      const found = await idsFound(endpoint, `${path} eq ${JSON.stringify(value)}`);
      if (!shared.has(String([path, value]))) expect([path, found]).toEqual([path, [fullId()]]);
      else expect(found.length).toBeGreaterThan(1);
    });
  });

  it('finds its resource in the brackets of the list it is in', async () => {
    let lists = 0;
    for (const [name, list] of Object.entries(shown[endpoint] ?? {})) {
      for (const entry of Array.isArray(list) ? list.filter(isObject) : []) {
        lists += 1;
        const all = Object.entries(entry).map(([part, value]) => `${part} eq ${JSON.stringify(value)}`);
        expect(await idsFound(endpoint, `${name}[${all.join(' and ')}]`)).toContain(fullId());
      }
    }
    expect(lists).toBeGreaterThan(2);
  });
});

describe('letters, big and small,', () => {
  it.each<[string, string, number]>([
    ['/Users', 'userName eq "FULL@EXAMPLE.COM"', 1],
    ['/Users', 'displayName eq "ÄNN [LEE] (X)"', 1],
    ['/Users', 'displayName eq "a\\u0308nn [lee] (x)"', 1],
    ['/Users', 'emails.value eq "WORK@x.example"', 1],
    ['/Users', 'emails[type eq "WORK"].value eq "Work@X.example"', 1],
    ['/Users', 'title sw "d"', 1],
    [`/Users`, `${ENTERPRISE}:department eq "r&d"`, 1],
    ['/Groups', 'displayName eq "FULL"', 1],
    // case exact
    ['/Users', 'externalId eq "ext-1"', 0],
    ['/Users', 'externalId sw "ext"', 0],
    ['/Users', 'profileUrl eq "https://people.example/ann"', 0],
    ['/Users', `${ENTERPRISE}:manager.value eq "m-1"`, 0],
    ['/Users', `${MATRIX_USER}:userId eq "@ann:x"`, 0],
    ['/Users', 'meta.resourceType eq "user"', 0],
    ['/Groups', `${MATRIX_GROUP}:rooms.value eq "#staff:x"`, 0],
    ['/Groups', 'members.value eq "NOBODY"', 0],
  ])('count as the schema of %s says: %s finds %i', async (endpoint, filter, count) => {
    expect(await idsFound(endpoint, filter)).toHaveLength(count);
  });
});

describe('the Matrix side', () => {
  it.each<[string, string, number]>([
    ['/Users', `${MATRIX_USER}:accountState eq "active"`, 1],
    ['/Users', `${MATRIX_USER}:accountState ne "active"`, 1],
    ['/Users', 'accountState eq "none"', 1],
    ['/Users', `${MATRIX_USER}:rooms[value eq "!Room:x" and membership eq "joined"]`, 1],
    ['/Users', `${MATRIX_USER}:rooms[value eq "!Room:x" and membership eq "left"]`, 0],
    ['/Users', `${MATRIX_USER}:rooms eq "!Room:x"`, 1],
    ['/Users', `${MATRIX_USER}:rooms.since gt "2026-01-31T23:59:59Z"`, 1],
    ['/Users', `${MATRIX_USER}:rooms.since gt "2026-02-01T00:00:00Z"`, 0],
    ['/Users', `not (${MATRIX_USER}:lastError pr)`, 1],
    ['/Users', `${MATRIX_USER}:lastError pr and userName sw "full"`, 1],
    ['/Users', `schemas eq "${MATRIX_USER}"`, 2],
    ['/Users', `schemas eq "${ENTERPRISE}"`, 1],
    ['/Groups', `${MATRIX_GROUP}:rooms[roomId eq "!Room:x"].mode eq "additive"`, 1],
    ['/Groups', `not (${MATRIX_GROUP}:rooms pr)`, 2],
    ['/Groups', `schemas eq "${MATRIX_GROUP}"`, 3],
  ])('of %s is filtered: %s finds %i', async (endpoint, filter, count) => {
    expect(await idsFound(endpoint, filter)).toHaveLength(count);
  });
});

describe('members', () => {
  it.each<[string, string[]]>([
    ['members.type eq "group"', ['Full']],
    ['members.type eq "User"', ['Inner', 'Full']],
    ['members.$ref co "/Users/"', ['Inner', 'Full']],
    ['members.value eq "nobody"', ['Full']],
    ['members[value eq "nobody" and type pr]', []],
    ['members[not (type pr)]', ['Full']],
    ['members.value sw "no"', ['Full']],
    ['members pr', ['Inner', 'Full']],
    ['not (members pr)', ['Other']],
    ['members eq null', ['Other']],
    ['members.value ne "nobody"', ['Inner', 'Other']],
  ])('of groups are filtered: %s finds %j', async (filter, names) => {
    const { body } = await send('GET', `/Groups?filter=${encodeURIComponent(filter)}&attributes=displayName`);
    expect(body.Resources.map(({ displayName }: { displayName: string }) => displayName)).toEqual(names);
  });
});
