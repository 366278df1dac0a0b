import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENTERPRISE, group, patch, type Send, scimClient, USER, user } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

let server: ScimServer;
let send: Send;

/** In order of creation. Dan has none of the optional attributes, eve an empty list. */
const PEOPLE = [
  user('Cyd', {
    externalId: 'b',
    title: 'engineer',
    active: false,
    name: { givenName: 'Ångström', familyName: 'Lee' },
    emails: [{ value: 'z@x.example' }, { value: 'A@x.example', primary: true }],
    [ENTERPRISE]: { department: 'Sales', manager: { value: 'm2' } },
  }),
  user('ann', {
    externalId: 'B',
    title: 'Boss',
    name: { givenName: 'ann', familyName: 'Lee' },
    emails: [{ value: 'm@x.example' }, { value: 'a@x.example' }],
    [ENTERPRISE]: { department: 'art', manager: { value: 'M1' } },
  }),
  user('dan'),
  user('Bob', {
    externalId: 'a',
    title: 'boss',
    active: false,
    name: { givenName: 'Bob', familyName: 'lee' },
    emails: [{ value: 'B@x.example', primary: false }],
    [ENTERPRISE]: { department: 'Music', manager: { value: 'm1' } },
  }),
  user('eve', { emails: [] }),
];

beforeAll(async () => {
  server = await startScimServer();
  send = scimClient(server);
  const ids: Record<string, string> = {};
  for (const person of PEOPLE) ids[person.userName] = (await send('POST', '/Users', person)).body.id;
  const members = [{ value: ids.eve }, { value: ids.ann }];
  for (const [name, rest] of [
    ['Staff', { members, externalId: 'x' }],
    ['art', {}],
    ['Crew', { members: [{ value: ids.Bob }] }],
  ] as const) {
    await send('POST', '/Groups', group(name, rest));
  }
  await send('PATCH', `/Users/${ids.ann}`, patch({ op: 'add', path: 'nickName', value: 'x' }));
});
afterAll(() => server.stop());

const namesIn = ({ body }: Awaited<ReturnType<Send>>) =>
  body.Resources.map(({ userName, displayName }: Record<string, string>) => userName ?? displayName);
const namesBy = async (path: string) => {
  const answer = await send('GET', path);
  expect(answer.status).toBe(200);
  return namesIn(answer);
};

const CREATED = ['Cyd', 'ann', 'dan', 'Bob', 'eve'];

describe('users by', () => {
  it.each<[string, string[]]>([
    // Texts without regard to case, unless the schema says otherwise; those without a value are last.
    ['userName', ['ann', 'Bob', 'Cyd', 'dan', 'eve']],
    ['USERNAME', ['ann', 'Bob', 'Cyd', 'dan', 'eve']],
    [`${USER}:userName`, ['ann', 'Bob', 'Cyd', 'dan', 'eve']],
    ['externalId', ['ann', 'Bob', 'Cyd', 'dan', 'eve']],
    ['title', ['ann', 'Bob', 'Cyd', 'dan', 'eve']],
    ['name.givenName', ['ann', 'Bob', 'Cyd', 'dan', 'eve']],
    ['name.familyName', ['Cyd', 'ann', 'Bob', 'dan', 'eve']],
    // Of several values the primary one, else the first.
    ['emails.value', ['Cyd', 'Bob', 'ann', 'dan', 'eve']],
    ['emails', ['Cyd', 'Bob', 'ann', 'dan', 'eve']],
    ['emails.primary', ['Bob', 'Cyd', 'ann', 'dan', 'eve']],
    ['emails.type', CREATED],
    ['groups.display', ['Bob', 'ann', 'eve', 'Cyd', 'dan']],
    // By the attribute's type.
    ['meta.created', CREATED],
    ['meta.lastModified', ['Cyd', 'dan', 'Bob', 'eve', 'ann']],
    ['active', ['Cyd', 'Bob', 'ann', 'dan', 'eve']],
    [`${ENTERPRISE}:department`, ['ann', 'Bob', 'Cyd', 'dan', 'eve']],
    [`${ENTERPRISE.toUpperCase()}:DEPARTMENT`, ['ann', 'Bob', 'Cyd', 'dan', 'eve']],
    [`${ENTERPRISE}:manager.value`, ['ann', 'Bob', 'Cyd', 'dan', 'eve']],
    ['nickName', ['ann', 'Cyd', 'dan', 'Bob', 'eve']],
    // Nobody has one, or nobody is to know.
    ['locale', CREATED],
    ['password', CREATED],
    ['', CREATED],
  ])('%s', async (sortBy, expected) => {
    expect(await namesBy(`/Users?sortBy=${encodeURIComponent(sortBy)}`)).toEqual(expected);
  });

  it.each<[string, string[]]>([
    ['userName', ['eve', 'dan', 'Cyd', 'Bob', 'ann']],
    ['externalId', ['dan', 'eve', 'Cyd', 'Bob', 'ann']],
    ['name.familyName', ['dan', 'eve', 'Cyd', 'ann', 'Bob']],
    ['emails.value', ['dan', 'eve', 'ann', 'Bob', 'Cyd']],
    ['meta.created', CREATED.toReversed()],
    ['active', ['ann', 'dan', 'eve', 'Cyd', 'Bob']],
    [`${ENTERPRISE}:department`, ['dan', 'eve', 'Cyd', 'Bob', 'ann']],
  ])('%s, descending: those without a value are first', async (sortBy, expected) => {
    expect(await namesBy(`/Users?sortBy=${sortBy}&sortOrder=descending`)).toEqual(expected);
    expect(await namesBy(`/Users?sortOrder=DESCENDING&sortby=${sortBy}`)).toEqual(expected);
  });

  it.each(['ascending', 'Ascending', ''])('an attribute are ascending, said or unsaid: %j', async (order) => {
    expect(await namesBy(`/Users?sortBy=title&sortOrder=${order}`)).toEqual(
      await namesBy('/Users?sortBy=title'),
    );
  });

  it('nothing are in the order of creation, whatever the direction', async () => {
    expect(await namesBy('/Users?sortOrder=descending')).toEqual(CREATED);
  });

  it.each(['userName', 'title', 'emails.value', 'active', 'meta.created'])(
    '%s page by page',
    async (sortBy) => {
      for (const order of ['ascending', 'descending']) {
        const path = `/Users?sortBy=${sortBy}&sortOrder=${order}`;
        const whole = await namesBy(path);
        const pages: string[] = [];
        for (const startIndex of [1, 3, 5, 7]) {
          const { body } = await send('GET', `${path}&startIndex=${startIndex}&count=2`);
          expect(body).toMatchObject({ totalResults: 5, startIndex, itemsPerPage: body.Resources.length });
          pages.push(...namesIn({ body } as Awaited<ReturnType<Send>>));
        }
        expect(whole).toHaveLength(5);
        expect(pages).toEqual(whole);
        expect(await namesBy(`${path}&count=0`)).toEqual([]);
      }
    },
  );

  it.each<[string, string, string[]]>([
    ['title pr', 'userName', ['ann', 'Bob', 'Cyd']],
    ['active eq false', 'userName', ['Bob', 'Cyd']],
    ['active eq false', 'externalId', ['Bob', 'Cyd']],
    ['userName eq "ann"', 'title', ['ann']],
    ['groups.display eq "staff"', 'userName', ['ann', 'eve']],
    ['userName eq "nobody"', 'title', []],
  ])('that meet %s, by %s', async (filter, sortBy, expected) => {
    const path = `/Users?filter=${encodeURIComponent(filter)}&sortBy=${sortBy}`;
    expect(await namesBy(path)).toEqual(expected);
  });

  it('an attribute that is not shown', async () => {
    const { body } = await send('GET', '/Users?sortBy=title&attributes=userName&count=2');
    expect(body.Resources).toEqual([
      { schemas: expect.any(Array), id: expect.any(String), userName: 'ann' },
      { schemas: expect.any(Array), id: expect.any(String), userName: 'Bob' },
    ]);
  });

  it('an attribute, asked for by POST', async () => {
    const answer = await send('POST', '/Users/.search', {
      sortBy: 'title',
      sortOrder: 'descending',
      count: 3,
    });
    expect(namesIn(answer)).toEqual(['dan', 'eve', 'Cyd']);
  });
});

describe('groups by', () => {
  it.each<[string, string[]]>([
    ['displayName', ['art', 'Crew', 'Staff']],
    ['displayName&sortOrder=descending', ['Staff', 'Crew', 'art']],
    ['externalId', ['Staff', 'art', 'Crew']],
    ['meta.created&sortOrder=descending', ['Crew', 'art', 'Staff']],
    ['members.type&sortOrder=descending', ['art', 'Staff', 'Crew']],
  ])('%s', async (sortBy, expected) => {
    expect(await namesBy(`/Groups?sortBy=${sortBy}`)).toEqual(expected);
  });
});

describe('resources of all kinds by', () => {
  it.each<[object, string[]]>([
    [{ sortBy: 'meta.created' }, [...CREATED, 'Staff', 'art', 'Crew']],
    [{ sortBy: 'meta.created', sortOrder: 'descending', count: 4 }, ['Crew', 'art', 'Staff', 'eve']],
    // Users have none.
    [{ sortBy: 'displayName' }, ['art', 'Crew', 'Staff', ...CREATED]],
    // Groups have none.
    [{ sortBy: 'userName' }, ['ann', 'Bob', 'Cyd', 'dan', 'eve', 'Staff', 'art', 'Crew']],
    [
      { sortBy: 'userName', sortOrder: 'descending' },
      ['Staff', 'art', 'Crew', 'eve', 'dan', 'Cyd', 'Bob', 'ann'],
    ],
    [{ sortBy: 'externalId', startIndex: 3, count: 3 }, ['Cyd', 'Staff', 'dan']],
  ])('%j', async (parameters, expected) => {
    const answer = await send('POST', '/.search', parameters);
    expect(answer.status).toBe(200);
    expect(namesIn(answer)).toEqual(expected);
    expect(answer.body.totalResults).toBe(8);
  });
});

describe('sorting is refused', () => {
  it.each([
    '/Users?sortBy=nonsense',
    '/Users?sortBy=name',
    '/Users?sortBy=meta',
    '/Users?sortBy=members',
    '/Users?sortBy=a.b.c',
    '/Users?sortBy=emails[type+eq+"work"]',
    '/Users?sortBy=title&sortBy=userName',
    '/Users?sortBy=title&sortOrder=upwards',
    '/Users?sortOrder=upwards',
    '/Groups?sortBy=userName',
  ])('with invalidValue for %s', async (path) => {
    const { status, body } = await send('GET', path);
    expect(status).toBe(400);
    expect(body).toMatchObject({ scimType: 'invalidValue', detail: expect.stringMatching(/^sort/) });
  });

  it('for what no kind of resource has', async () => {
    const { status, body } = await send('POST', '/.search', { sortBy: 'nonsense' });
    expect(status).toBe(400);
    expect(body.scimType).toBe('invalidValue');
  });
});

describe('letters of every alphabet', () => {
  const NAMES = ['éa', 'ﬀ', 'Z', '😀', 'E\u0301b', 'a', 'Ж', 'ж2', '李'];

  it('are in one order, whether the database sorts or we do', async () => {
    const other = await startScimServer();
    const sendOther = scimClient(other);
    for (const name of NAMES) await sendOther('POST', '/Users', user(name, { nickName: name }));

    const byIndex = namesIn(await sendOther('GET', '/Users?sortBy=userName'));
    const byUs = namesIn(await sendOther('GET', '/Users?sortBy=nickName'));

    expect(byIndex).toEqual(['a', 'Z', 'éa', 'E\u0301b', 'Ж', 'ж2', '李', 'ﬀ', '😀']);
    expect(byUs).toEqual(byIndex);
    await other.stop();
  });
});
