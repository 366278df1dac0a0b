import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createMatrixSide } from '../../src/cli/matrix-side.ts';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import { type RoomId, type UserId, userId } from '../../src/matrix/ids.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { AccountLink, Entitlement } from '../../src/store/store.ts';
import type { ActingUser } from '../support/homeserver/harness.ts';
import { type SimulatedUnderTest, startSimulated } from '../support/homeserver/simulated.ts';
import { linkOf } from '../support/people.ts';
import { type Answer, MATRIX_GROUP, MATRIX_USER, scimClient } from '../support/scim/client.ts';
import { tempDir } from '../support/temp-dir.ts';
import { SECRET, startUsher } from '../support/usher.ts';

const IDP = 'idp' as SourceId;
const ANN = userId('ann', 'x.example');
const [ENG, OPS] = ['!eng:x.example', '!ops:x.example'] as [RoomId, RoomId];
const SINCE = Date.UTC(2026, 0, 1);

type Problem = { readonly target: string; readonly message: string };

/** What is written down, and the Matrix side that is made of it. */
function scene() {
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  let map = parseGroupMap('{}');
  let problems: readonly Problem[] = [];
  const side = createMatrixSide({ store, map: () => map, problems: () => problems });
  return {
    store,
    side,
    setMap(rules: object) {
      map = parseGroupMap(JSON.stringify(rules));
    },
    setProblems(...found: readonly Problem[]) {
      problems = found;
    },
    user: async (userName: string) => (await store.users.create(IDP, { userName }, SINCE)).id,
    link: (id: ResourceId, rest: Partial<AccountLink> = {}) => store.people.saveLink(linkOf(id, ANN, rest)),
    entitle: (roomId: RoomId, state: Entitlement['state'], account: UserId = ANN) =>
      store.people.saveEntitlement({ account, roomId, state, via: ['*'], mode: 'granted', since: SINCE }),
    userSide: async (id: ResourceId) => (await side.users([id])).get(id),
    async groupSide(attributes: { displayName: string; externalId?: string }) {
      const group = await store.groups.create(IDP, { attributes, members: [] }, SINCE);
      return (await side.groups([group])).get(group.id);
    },
  };
}

describe('the Matrix side of a user', () => {
  it('is empty before anything was done for her', async () => {
    const { user, userSide } = scene();
    expect(await userSide(await user('ann'))).toEqual({
      userId: undefined,
      accountState: 'none',
      rooms: [],
      lastError: undefined,
    });
  });

  it.each<[string, Partial<AccountLink>]>([
    ['pending', { isConfirmed: false }],
    ['pending', { isConfirmed: false, restriction: 'lock' }],
    ['active', {}],
    ['locked', { restriction: 'lock' }],
    ['suspended', { restriction: 'suspend' }],
    ['deactivated', { restriction: 'deactivate' }],
  ])('says that her account is %s: %j', async (accountState, link) => {
    const { user, userSide, ...scenery } = scene();
    const ann = await user('ann');
    await scenery.link(ann, link);
    expect(await userSide(ann)).toMatchObject({ userId: ANN, accountState });
  });

  it('has her rooms and what became of each, and none of anybody else', async () => {
    const { user, link, entitle, userSide } = scene();
    const [ann, bob] = [await user('ann'), await user('bob')];
    await link(ann);
    await link(bob, { account: userId('bob', 'x.example') });
    await entitle(OPS, 'left');
    await entitle(ENG, 'joined');
    await entitle(ENG, 'banned', userId('bob', 'x.example'));

    expect((await userSide(ann))?.rooms).toEqual([
      { roomId: ENG, membership: 'joined', since: SINCE },
      { roomId: OPS, membership: 'left', since: SINCE },
    ]);
    expect((await userSide(bob))?.rooms).toEqual([{ roomId: ENG, membership: 'banned', since: SINCE }]);
  });

  it('has why the last look at her failed, until it is looked at again', async () => {
    const { store, user, userSide } = scene();
    const ann = await user('ann');
    expect((await userSide(ann))?.lastError).toBeUndefined();

    const item = await store.work.next({ now: SINCE, order: 'newest', urgencies: ['small'], except: [] });
    if (item === undefined) throw new Error('nobody is marked');
    await store.work.postpone(item, SINCE + 1000, { kind: 'refused', message: 'M_FORBIDDEN' });
    expect((await userSide(ann))?.lastError).toBe('M_FORBIDDEN');

    const again = await store.work.next({
      now: SINCE + 1000,
      order: 'newest',
      urgencies: ['small'],
      except: [],
    });
    if (again !== undefined) await store.work.done(again);
    expect((await userSide(ann))?.lastError).toBeUndefined();
  });

  it('is told for many at once, and for nobody if nobody is asked about', async () => {
    const { side, user, link } = scene();
    const ids = await Promise.all(['a', 'b', 'c'].map(user));
    await link(ids[1] as ResourceId);
    const sides = await side.users(ids);
    expect([...sides.keys()]).toEqual(ids);
    expect([...sides.values()].map(({ accountState }) => accountState)).toEqual(['none', 'active', 'none']);
    expect((await side.users([])).size).toBe(0);
    expect((await side.groups([])).size).toBe(0);
  });
});

describe('the Matrix side of a group', () => {
  it('has the rooms that the map gives it, by its id or by its name in any case', async () => {
    const { store, setMap, groupSide } = scene();
    setMap({
      'ext-eng': ['#eng:x.example', { room: OPS, mode: 'additive' }],
      'name:staff': '#staff:x.example',
      'name:other': '#other:x.example',
      '*': '#all:x.example',
    });
    await store.rooms.saveResolutions(
      new Map([
        ['#eng:x.example', ENG],
        [OPS, OPS],
      ]),
      SINCE,
    );

    expect(await groupSide({ displayName: ' STAFF', externalId: 'ext-eng' })).toEqual({
      rooms: [
        { target: '#eng:x.example', roomId: ENG, mode: 'granted' },
        { target: OPS, roomId: OPS, mode: 'additive' },
        { target: '#staff:x.example', roomId: undefined, mode: 'granted' },
      ],
      lastError: undefined,
    });
    expect(await groupSide({ displayName: 'nobody' })).toEqual({ rooms: [], lastError: undefined });
    expect((await groupSide({ displayName: 'ext-eng', externalId: 'name:staff' }))?.rooms).toEqual([]);
  });

  it('has a room once that it is given by both of its names', async () => {
    const { setMap, groupSide } = scene();
    setMap({ 'ext-eng': '#eng:x.example', 'name:eng': ['#eng:x.example', '#ops:x.example'] });
    const { rooms } = (await groupSide({ displayName: 'Eng', externalId: 'ext-eng' })) ?? { rooms: [] };
    expect(rooms.map(({ target }) => target)).toEqual(['#eng:x.example', '#ops:x.example']);
  });

  it('follows the map when it is edited', async () => {
    const { setMap, groupSide, side, store } = scene();
    setMap({ 'name:staff': '#staff:x.example' });
    expect((await groupSide({ displayName: 'staff' }))?.rooms).toHaveLength(1);
    setMap({ 'name:crew': '#crew:x.example' });
    const group = await store.groups.create(IDP, { attributes: { displayName: 'crew' }, members: [] }, SINCE);
    expect([...(await side.groups([group])).values()][0]?.rooms).toMatchObject([
      { target: '#crew:x.example' },
    ]);
  });

  it('has what is wrong with its rooms, by whatever name, and not with others', async () => {
    const { store, setMap, setProblems, groupSide } = scene();
    setMap({ 'name:staff': ['#eng:x.example', '#gone:x.example'] });
    await store.rooms.saveResolutions(new Map([['#eng:x.example', ENG]]), SINCE);
    setProblems(
      { target: '#gone:x.example', message: 'nobody knows it' },
      { target: ENG, message: 'the bot may not kick there' },
      { target: OPS, message: 'another room' },
      { target: 'the rate limit of the bot', message: 'not lifted' },
    );
    expect((await groupSide({ displayName: 'staff' }))?.lastError).toBe(
      'nobody knows it\nthe bot may not kick there',
    );
  });
});

describe('a running Usher', () => {
  let homeserver: SimulatedUnderTest;
  let owner: ActingUser;
  beforeAll(async () => {
    homeserver = await startSimulated();
    owner = await homeserver.person('owner');
  });
  afterAll(() => homeserver.close());

  it('shows a provider what became of what it pushed', async () => {
    const room = await owner.createRoom();
    const { provider, url, settle } = await startUsher(homeserver, {
      'ext-eng': room,
      'name:eng': '#gone:x.example',
    });
    const get = (path: string): Promise<Answer> =>
      scimClient({ scim: `${url}/scim/v2` }, SECRET)('GET', path);
    const ann = await provider.createUser({ userName: 'shown' });
    const eng = await provider.createGroup('eng', 'ext-eng', [ann]);
    await settle();

    const user = await get(`/Users/${ann}`);
    expect(user.body.schemas).toContain(MATRIX_USER);
    expect(user.body[MATRIX_USER]).toEqual({
      userId: userId('shown', homeserver.serverName),
      accountState: 'active',
      rooms: [{ value: room, membership: 'joined', since: expect.stringMatching(/^20\d\d-.*Z$/) }],
    });
    const group = await get(`/Groups/${eng}`);
    expect(group.body[MATRIX_GROUP]).toEqual({
      rooms: [
        { value: room, roomId: room, mode: 'granted' },
        { value: '#gone:x.example', mode: 'granted' },
      ],
      lastError: expect.stringContaining('#gone:x.example'),
    });

    await provider.removeMembers(eng, ann);
    await settle();
    const after = await get(`/Users/${ann}`);
    expect(after.body[MATRIX_USER].rooms).toEqual([]);
    expect(after.headers.get('etag')).not.toBe(user.headers.get('etag'));
    const { body } = await get(
      `/Users?filter=${encodeURIComponent(`${MATRIX_USER}:rooms.value eq "${room}"`)}`,
    );
    expect(body.totalResults).toBe(0);
  });
});
