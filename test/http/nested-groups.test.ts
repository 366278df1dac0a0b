import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import { group, patch, type Send, scimClient, user } from '../support/scim/client.ts';
import { OTHER_TOKEN, type ScimServer, startScimServer } from '../support/scim/server.ts';

let server: ScimServer;
let send: Send;
beforeEach(async () => {
  server = await startScimServer();
  send = scimClient(server);
});
afterEach(() => server.stop());

const person = async (name: string, rest = {}) => (await send('POST', '/Users', user(name, rest))).body.id;
const groupOf = async (name: string, ...values: string[]) => {
  const members = values.map((value) => ({ value }));
  return (await send('POST', '/Groups', group(name, { members }))).body.id;
};
const add = (id: string, ...values: string[]) =>
  send(
    'PATCH',
    `/Groups/${id}`,
    patch({ op: 'add', path: 'members', value: values.map((value) => ({ value })) }),
  );
const remove = (id: string, value: string) =>
  send('PATCH', `/Groups/${id}`, patch({ op: 'remove', path: `members[value eq "${value}"]` }));

/** Each group of a user and how she is in it, such as `staff direct`. */
const groupsOf = async (id: string) =>
  (await send('GET', `/Users/${id}`)).body.groups.map(
    ({ display, type }: Record<string, string>) => `${display} ${type}`,
  );
const found = async (filter: string) => {
  const { status, body } = await send('GET', `/Users?filter=${encodeURIComponent(filter)}`);
  expect(status).toBe(200);
  return body.Resources.map(({ userName }: { userName: string }) => userName);
};

describe('a user in a group inside another', () => {
  it('is in both, directly and indirectly, and each is at the address it says', async () => {
    const ann = await person('ann');
    const outer = await groupOf('outer');
    const inner = await groupOf('inner', ann);
    await add(outer, inner);

    const { body } = await send('GET', `/Users/${ann}`);

    expect(body.groups).toEqual([
      { value: outer, $ref: `${server.scim}/Groups/${outer}`, display: 'outer', type: 'indirect' },
      { value: inner, $ref: `${server.scim}/Groups/${inner}`, display: 'inner', type: 'direct' },
    ]);
    expect((await send('GET', '/Users')).body.Resources[0].groups).toEqual(body.groups);
    expect((await send('GET', `/Groups/${outer}`)).body.members).toMatchObject([
      { value: inner, type: 'Group' },
    ]);
  });

  it('is in all of them, however many there are, in order of their creation', async () => {
    const ann = await person('ann');
    let inside = ann;
    for (let level = 1; level <= 30; level += 1) inside = await groupOf(`level ${level}`, inside);

    const groups = await groupsOf(ann);

    expect(groups).toHaveLength(30);
    expect(groups[0]).toBe('level 1 direct');
    expect(groups[29]).toBe('level 30 indirect');
    expect(await found(`groups.value eq "${inside}"`)).toEqual(['ann']);
  });

  it('is in a group once, and directly if she is both', async () => {
    const ann = await person('ann');
    const [left, right] = [await groupOf('left', ann), await groupOf('right', ann)];
    const outer = await groupOf('outer', left, right);
    expect(await groupsOf(ann)).toEqual(['left direct', 'right direct', 'outer indirect']);

    await add(outer, ann);
    expect(await groupsOf(ann)).toEqual(['left direct', 'right direct', 'outer direct']);

    await remove(outer, ann);
    expect(await groupsOf(ann)).toEqual(['left direct', 'right direct', 'outer indirect']);
  });

  it.each<[string, (inner: string, outer: string) => Promise<unknown>]>([
    ['the inner group is taken out', (inner, outer) => remove(outer, inner)],
    ['the inner group is deleted', (inner) => send('DELETE', `/Groups/${inner}`)],
    ['the outer group is replaced without it', (_, outer) => send('PUT', `/Groups/${outer}`, group('outer'))],
    ['the outer group is deleted', (_, outer) => send('DELETE', `/Groups/${outer}`)],
  ])('is not in the outer one any more when %s', async (_, change) => {
    const ann = await person('ann');
    const inner = await groupOf('inner', ann);
    const outer = await groupOf('outer', inner);
    await groupOf('bystander', ann);

    await change(inner, outer);

    expect(await groupsOf(ann)).not.toContain('outer indirect');
    expect(await groupsOf(ann)).toContain('bystander direct');
    expect(await found(`groups.value eq "${outer}"`)).toEqual([]);
    expect((await server.store.people.person(ann as ResourceId))?.groups.has(outer)).toBe(false);
  });

  it('is shown in none to a client that asks for none', async () => {
    const ann = await person('ann');
    await groupOf('outer', await groupOf('inner', ann));
    for (const query of ['?excludedAttributes=groups', '?attributes=userName']) {
      expect((await send('GET', `/Users/${ann}${query}`)).body).not.toHaveProperty('groups');
    }
    const { body } = await send('GET', `/Users/${ann}?attributes=groups.display`);
    expect(body.groups).toEqual([{ display: 'inner' }, { display: 'outer' }]);
  });
});

describe('a circle of groups', () => {
  it('is cut: each counts once, and direct counts more than indirect', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    const a = await groupOf('a', ann);
    const b = await groupOf('b', a, bob);
    const c = await groupOf('c', b);
    await add(a, c);

    expect(await groupsOf(ann)).toEqual(['a direct', 'b indirect', 'c indirect']);
    expect(await groupsOf(bob)).toEqual(['a indirect', 'b direct', 'c indirect']);
    for (const id of [a, b, c]) expect(await found(`groups.value eq "${id}"`)).toEqual(['ann', 'bob']);
    expect((await send('GET', `/Groups?filter=members.value+eq+"${a}"`)).body.totalResults).toBe(1);
  });

  it('may be a group that has itself as a member', async () => {
    const ann = await person('ann');
    const own = await groupOf('own', ann);
    const { status, body } = await add(own, own);

    expect(status).toBe(200);
    expect(body.members).toMatchObject([
      { value: ann, type: 'User' },
      { value: own, type: 'Group' },
    ]);
    expect(await groupsOf(ann)).toEqual(['own direct']);
    expect((await send('DELETE', `/Groups/${own}`)).status).toBe(204);
    expect(await groupsOf(ann)).toEqual([]);
  });

  it('can be taken apart: who is left in it is the one who belongs there', async () => {
    const ann = await person('ann');
    const a = await groupOf('a', ann);
    const b = await groupOf('b', a);
    await add(a, b);
    await send('DELETE', `/Groups/${a}`);
    expect(await groupsOf(ann)).toEqual([]);
    expect((await send('GET', `/Groups/${b}`)).body.members).toEqual([]);
  });
});

describe('a filter about groups', () => {
  beforeEach(async () => {
    const [ann, bob] = [await person('ann'), await person('bob'), await person('cyd')];
    const inner = await groupOf('Inner', ann);
    await groupOf('Outer', inner, bob);
  });
  const idOf = async (name: string) =>
    (await send('GET', `/Groups?filter=displayName+eq+"${name}"`)).body.Resources[0].id;

  it.each<[string, string[]]>([
    ['groups.value eq "{outer}"', ['ann', 'bob']],
    ['groups eq "{outer}"', ['ann', 'bob']],
    ['groups[value eq "{outer}"]', ['ann', 'bob']],
    ['groups.value eq "{inner}"', ['ann']],
    ['groups[value eq "{outer}" and type eq "direct"]', ['bob']],
    ['groups[value eq "{outer}" and type eq "indirect"]', ['ann']],
    ['groups[value eq "{outer}"].type eq "INDIRECT"', ['ann']],
    ['groups.value eq "{outer}" and groups.value eq "{inner}"', ['ann']],
    ['groups.value eq "{outer}" and userName sw "b"', ['bob']],
    ['groups.value ne "{outer}"', ['cyd']],
    ['not (groups.value eq "{inner}")', ['bob', 'cyd']],
    ['groups.display eq "inner"', ['ann']],
    ['groups.display co "e"', ['ann', 'bob']],
    ['groups.type eq "indirect"', ['ann']],
    ['groups.$ref ew "{outer}"', ['ann', 'bob']],
    ['groups pr', ['ann', 'bob']],
    ['not (groups pr)', ['cyd']],
    ['groups.value eq "nobody"', []],
  ])('%s finds %j', async (filter, names) => {
    const [inner, outer] = [await idOf('Inner'), await idOf('Outer')];
    expect(await found(filter.replace('{inner}', inner).replace('{outer}', outer))).toEqual(names);
  });

  it('finds nobody of another provider', async () => {
    const outer = await idOf('Outer');
    const other = scimClient(server, OTHER_TOKEN);
    await other('POST', '/Users', user('eve'));
    const { body } = await other('GET', `/Users?filter=groups.value+eq+"${outer}"`);
    expect(body).toMatchObject({ totalResults: 0, Resources: [] });
  });
});

describe('a member that is not there yet', () => {
  it('counts for nobody, until a user has that external id', async () => {
    const inner = await groupOf('inner', 'e1');
    const outer = await groupOf('outer', inner);
    expect(await found(`groups.value eq "${outer}"`)).toEqual([]);

    const ann = await person('ann', { externalId: 'e1' });

    expect(await groupsOf(ann)).toEqual(['inner direct', 'outer indirect']);
    expect(await found(`groups.value eq "${outer}"`)).toEqual(['ann']);
  });
});
