import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { group, MATRIX_GROUP, type Send, scimClient, USER, user } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

let server: ScimServer;
let send: Send;
const found: Record<string, string> = {};
beforeAll(async () => {
  server = await startScimServer();
  send = scimClient(server);
  const people = [
    user('ann', { externalId: 'E1', title: 'Dr', emails: [{ type: 'work', value: 'ann@example.com' }] }),
    user('Bob Lee', { externalId: 'e1', active: false }),
    user('cy+x@example.com', { externalId: '12345' }),
  ];
  for (const person of people) found[person.userName] = (await send('POST', '/Users', person)).body.id;
  const members = [{ value: found.ann }];
  await send('POST', '/Groups', group('Staff', { externalId: 'G1', members }));
  await send('POST', '/Groups', group('Crew'));
});
afterAll(() => server.stop());

const namesIn = ({ body }: Awaited<ReturnType<Send>>) =>
  body.Resources.map(({ userName, displayName }: Record<string, string>) => userName ?? displayName);

describe('a listing', () => {
  it.each<[string, string[]]>([
    ['', ['ann', 'Bob Lee', 'cy+x@example.com']],
    ['?', ['ann', 'Bob Lee', 'cy+x@example.com']],
    ['?aadOptscim062020&cursor&sortBy=userName&nonsense=1&', ['ann', 'Bob Lee', 'cy+x@example.com']],
    ['?filter=userName+eq+%22ANN%22', ['ann']],
    ['?filter=userName%20eq%20%22bob%20lee%22', ['Bob Lee']],
    ['?filter=userName%20eq%20%22cy%2Bx@example.com%22', ['cy+x@example.com']],
    ['?filter=userName+eq+ann', ['ann']],
    ['?filter=externalId+eq+%22e1%22', ['Bob Lee']],
    ['?filter=externalId+eq+12345', ['cy+x@example.com']],
    ['?filter=emails[type+eq+"work"].value+eq+"ANN@example.com"', ['ann']],
    ['?filter=active+eq+false', ['Bob Lee']],
    ['?filter=not+(active+eq+false)+and+title+pr', ['ann']],
    ['?filter=userName+eq+"nobody"', []],
    ['?filter=meta.created+lt+"2000-01-01T00:00:00Z"', []],
    ['?startIndex=2&count=1', ['Bob Lee']],
    ['?startIndex=-3&count=1', ['ann']],
    ['?startIndex=9', []],
    ['?count=-1', []],
  ])('of users%s has these', async (query, names) => {
    const answer = await send('GET', `/Users${query}`);
    expect(answer.status).toBe(200);
    expect(namesIn(answer)).toEqual(names);
    expect(answer.body.itemsPerPage).toBe(names.length);
  });

  it.each<[string, string[]]>([
    ['?filter=displayName+eq+"staff"', ['Staff']],
    ['?filter=externalId+eq+"G1"&excludedAttributes=members', ['Staff']],
    ['?filter=members.value+eq+"{ann}"', ['Staff']],
    ['?filter=members+eq+"{ann}"+and+displayName+eq+"crew"', []],
    ['?filter=displayName+sw+"c"', ['Crew']],
  ])('of groups%s has these', async (query, names) => {
    const answer = await send('GET', `/Groups${query.replace('{ann}', found.ann ?? '')}`);
    expect(answer.status).toBe(200);
    expect(namesIn(answer)).toEqual(names);
  });

  it('has exactly what RFC 7644 §3.4.2 has', async () => {
    const { headers, body } = await send('GET', '/Users?startIndex=2&count=1&attributes=userName');
    expect(headers.get('content-type')).toBe('application/scim+json');
    expect(body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 3,
      startIndex: 2,
      itemsPerPage: 1,
      Resources: [{ schemas: expect.any(Array), id: found['Bob Lee'], userName: 'Bob Lee' }],
    });
  });

  it('shows members, unless they are excluded', async () => {
    const { body: all } = await send('GET', '/Groups');
    const { body: without } = await send('GET', '/Groups?excludedAttributes=members');
    expect(all.Resources.map(({ members }: { members: object[] }) => members.length)).toEqual([1, 0]);
    expect(without.Resources[0]).not.toHaveProperty('members');
  });

  it.each([
    'userName eq',
    'nonsense eq "x"',
    'userName eq "ann" and',
    'password eq "x"',
    '',
    `${'('.repeat(100)}title pr${')'.repeat(100)}`,
  ])('is refused for the filter %s, rather than given whole', async (filter) => {
    const { status, body } = await send('GET', `/Users?filter=${encodeURIComponent(filter)}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ scimType: 'invalidFilter' });
    expect(body).not.toHaveProperty('Resources');
  });

  it('is refused for two filters', async () => {
    const { status } = await send('GET', '/Users?filter=title+pr&filter=active+eq+true');
    expect(status).toBe(400);
  });

  it('is refused for numbers that are none', async () => {
    const { status, body } = await send('GET', '/Users?count=many');
    expect(status).toBe(400);
    expect(body.scimType).toBe('invalidValue');
  });
});

describe('a search by POST', () => {
  it('finds users by the same words', async () => {
    const { status, body } = await send('POST', '/Users/.search', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
      filter: 'userName sw "a"',
      attributes: ['userName'],
      startIndex: 1,
      count: 10,
    });
    expect(status).toBe(200);
    expect(body.Resources).toEqual([{ schemas: expect.any(Array), id: found.ann, userName: 'ann' }]);
  });

  it.each<[object, string[], number]>([
    [{}, ['ann', 'Bob Lee', 'cy+x@example.com', 'Staff', 'Crew'], 5],
    [{ startIndex: 3, count: 2 }, ['cy+x@example.com', 'Staff'], 5],
    [{ startIndex: 5 }, ['Crew'], 5],
    [{ startIndex: 6 }, [], 5],
    [{ count: 0 }, [], 5],
    [{ filter: 'externalId pr' }, ['ann', 'Bob Lee', 'cy+x@example.com', 'Staff'], 4],
    [{ filter: 'userName pr', startIndex: 2 }, ['Bob Lee', 'cy+x@example.com'], 3],
    // RFC 7644 §3.4.2.1: what a type does not have has no value there.
    [{ filter: 'displayName eq "crew" or userName eq "ann"' }, ['ann', 'Crew'], 2],
    [{ filter: 'not (userName pr)' }, ['Staff', 'Crew'], 2],
    [{ filter: 'members pr or department pr or title pr' }, ['ann', 'Staff'], 2],
    [{ sortBy: 'externalId', sortOrder: 'descending', count: 3 }, ['Crew', 'Bob Lee', 'Staff'], 5],
    [{ filter: 'userName eq "ann" and members pr' }, [], 0],
    [{ filter: 'not (members pr) and not (title pr)' }, ['Bob Lee', 'cy+x@example.com', 'Crew'], 3],
    [{ filter: '(meta.resourceType eq User) or (meta.resourceType eq Group)', count: 1 }, ['ann'], 5],
    [{ filter: 'meta.resourceType eq "Group"' }, ['Staff', 'Crew'], 2],
    [{ filter: `emails[type eq "work"].value pr or ${MATRIX_GROUP}:rooms pr` }, ['ann'], 1],
    [{ filter: 'members pr', sortBy: 'userName' }, ['Staff'], 1],
    [{ filter: 'displayName pr', sortBy: 'members.value', sortOrder: 'descending' }, ['Crew', 'Staff'], 2],
  ])('finds resources of all kinds, one kind after the other: %j', async (parameters, names, total) => {
    const answer = await send('POST', '/.search', parameters);
    expect(answer.status).toBe(200);
    expect(namesIn(answer)).toEqual(names);
    expect(answer.body).toMatchObject({ totalResults: total, itemsPerPage: names.length });
  });

  it('may be a GET of the root', async () => {
    expect(namesIn(await send('GET', '/?filter=externalId+sw+"G"'))).toEqual(['Staff']);
    expect((await send('GET', '')).body.totalResults).toBe(5);
  });

  it.each([
    'nonsense pr',
    'userName pr or nonsense pr',
    'active gt true',
    'members[active eq true]',
    'password pr',
  ])('is refused for a filter that no kind understands: %s', async (filter) => {
    const { status, body } = await send('POST', '/.search', { filter });
    expect(status).toBe(400);
    expect(body.scimType).toBe('invalidFilter');
  });

  it('shows of each what is asked for', async () => {
    const { body } = await send('POST', '/.search', { attributes: ['displayName', `${USER}:userName`] });
    expect(body.Resources.map((each: object) => Object.keys(each).sort())).toEqual([
      ...Array(3).fill(['id', 'schemas', 'userName']),
      ...Array(2).fill(['displayName', 'id', 'schemas']),
    ]);
  });

  it('is refused for a list', async () => {
    for (const path of ['/.search', '/Users/.search']) {
      expect((await send('POST', path, [])).body.scimType).toBe('invalidSyntax');
    }
  });
});
