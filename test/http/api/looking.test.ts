import { describe, expect, it } from 'vitest';
import { apiStage, everyPage } from '../../support/api/stage.ts';

const LOBBY = encodeURIComponent('#lobby:example.com');
const ENG = encodeURIComponent('#eng:example.com');

describe('GET /status', () => {
  it('says for each part whether all is well, and what to do', async () => {
    const stage = await apiStage();
    await stage.resync();
    const { status, body } = await stage.call('GET', '/status');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ isWell: true, isRunning: true, isDryRun: false, toDo: [], holds: [] },
      sources: [{ source: 'default', users: 3, groups: 2 }],
      map: { rules: 2, rooms: 2, unresolved: [] },
      work: { total: 0, failing: 0 },
      lastPass: { drift: 0, problems: [] },
    });
    const [, ...lines] = (await stage.json('status')).toDo;
    expect(lines).toEqual([]);
    stage.writeMap('{ broken');
    await expect
      .poll(async () => (await stage.call('GET', '/status')).body.map.problem, { timeout: 10_000 })
      .toMatch(/group-map\.jsonc/);
    await stage.homeserver.stop();
    const broken = (await stage.call('GET', '/status')).body;
    expect(broken.isWell).toBe(false);
    expect(broken.toDo.map(({ subject }: { subject: string }) => subject)).toEqual([
      'homeserver',
      'group map',
    ]);
  });
});

describe('GET /groups', () => {
  it('lists groups by name, those that open a room or not, and finds them', async () => {
    const { call, engineering, interns } = await apiStage();
    expect(await everyPage(call, '/groups')).toMatchObject([
      {
        id: engineering,
        name: 'Engineering',
        externalId: 'ext-eng',
        members: 2,
        rooms: ['#eng:example.com'],
      },
      { id: interns, name: 'Interns', source: 'default', members: 1, rooms: [] },
    ]);
    const ids = async (query: string) => (await everyPage(call, `/groups?${query}`)).map(({ id }) => id);
    expect(await ids('mapped=yes')).toEqual([engineering]);
    expect(await ids('mapped=no')).toEqual([interns]);
    expect(await ids('search=INTERN')).toEqual([interns]);
    expect(await ids('search=ext-e')).toEqual([engineering]);
    expect(await ids('search=nothing')).toEqual([]);
  });

  it('shows a group with its rooms and members', async () => {
    const { call, engineering, interns, bob } = await apiStage();
    const { body } = await call('GET', `/groups/${engineering}`);
    expect(body.rooms).toEqual([
      {
        ...{ target: '#eng:example.com', roomId: expect.stringMatching(/^!/), key: 'ext-eng' },
        ...{ mode: 'granted', leave: 'allowed' },
      },
    ]);
    expect(await everyPage(call, `/groups/${engineering}`)).toEqual([
      {
        ...{ id: bob, type: 'User', name: 'bob', displayName: 'Bob', isActive: true },
        account: '@bob:example.com',
      },
      { id: interns, type: 'Group', name: 'Interns' },
    ]);
    expect(await call('GET', '/groups/none')).toMatchObject({
      ...{ status: 404, body: { detail: 'There is no group none.' } },
    });
  });
});

describe('GET /rooms', () => {
  it('lists the rooms of the map, and finds them', async () => {
    const { call, eng } = await apiStage();
    expect(await everyPage(call, '/rooms')).toMatchObject([
      {
        target: '#eng:example.com',
        roomId: eng,
        joined: 2,
        mode: 'granted',
        groups: [{ name: 'Engineering' }],
      },
      { target: '#lobby:example.com', joined: 3, groups: [{ key: '*' }], problems: [] },
    ]);
    expect((await everyPage(call, '/rooms?search=LOB')).map(({ target }) => target)).toEqual([
      '#lobby:example.com',
    ]);
  });

  it('shows a room as it is now, by alias and by id', async () => {
    const { call, eng } = await apiStage();
    const { body } = await call('GET', `/rooms/${ENG}`);
    expect(body).toMatchObject({
      ...{ target: '#eng:example.com', roomId: eng },
      // The one who made it, the bot, Ann and Bob.
      now: { answers: true, room: { joined: 4, isSpace: false, botPower: expect.anything() } },
    });
    // Who made it stands as high as the bot.
    expect(body.now.problems).toMatchObject([
      { level: 'warning', found: expect.stringContaining('@mod:example.com can not be removed') },
    ]);
    expect((await call('GET', `/rooms/${encodeURIComponent(eng)}`)).body.target).toBe('#eng:example.com');
    expect((await call('GET', `/rooms/${encodeURIComponent('#egn:example.com')}`)).body.detail).toBe(
      'There is no room "#egn:example.com". Did you mean "#eng:example.com"? Give an alias, a room id, or the room as it is written in the group map.',
    );
  });

  it('tells what is wrong with a room, and what to do', async () => {
    const stage = await apiStage(() => ({ 'ext-eng': '#gone:example.com' }));
    const { body } = await stage.call('GET', `/rooms/${encodeURIComponent('#gone:example.com')}`);
    expect(body.now.problems).toEqual([
      {
        ...{ level: 'failure', subject: 'room #gone:example.com', found: 'no room has this alias' },
        ...{ meaning: 'nobody is added to it or removed from it.' },
        remedy: 'correct the group map, or make the room.',
      },
    ]);
  });

  it('lists who is to be in it and whether they are, and who is in it and whether they are to be', async () => {
    const stage = await apiStage();
    const { call, homeserver, eng, mod } = stage;
    await homeserver.homeserver.kick(eng as never, '@ann:example.com' as never, 'x');
    await homeserver.homeserver.join(eng as never, '@cem:example.com' as never);
    expect(await everyPage(call, `/rooms/${ENG}/people`)).toMatchObject([
      { userName: 'ann', through: ['Engineering'], record: 'joined', membership: 'leave' },
      { userName: 'bob', account: '@bob:example.com', record: 'joined', membership: 'join' },
    ]);
    const members = await everyPage(call, `/rooms/${ENG}/members`);
    expect(members).toMatchObject([
      { account: '@bob:example.com', userName: 'bob', isEntitled: true, isBot: false, record: 'joined' },
      { account: '@cem:example.com', userName: 'cem', isEntitled: false, isRemote: false },
      { account: mod.userId, isEntitled: false, power: expect.anything() },
      { account: '@usher:example.com', isBot: true, isEntitled: false },
    ]);
    expect((await everyPage(call, `/rooms/${LOBBY}/people`, 2)).map(({ through }) => through)).toEqual([
      ['*'],
      ['*'],
      ['*'],
    ]);
    await homeserver.stop();
    expect((await everyPage(call, `/rooms/${ENG}/people`))[0]).not.toHaveProperty('membership');
    expect((await call('GET', `/rooms/${ENG}`)).body.now).toMatchObject({ answers: false });
    expect((await call('GET', `/rooms/${ENG}/members`)).status).toBe(409);
  });
});

describe('GET /homeserver/rooms', () => {
  it('finds rooms that are not in the map, too, while the homeserver answers', async () => {
    const { call, homeserver, mod } = await apiStage();
    const roomId = await mod.createRoom({ name: 'Tea & cake', alias: 'tea' });
    const tea = { roomId, name: 'Tea & cake', alias: '#tea:example.com' };
    expect((await call('GET', '/homeserver/rooms?search=CAKE')).body).toEqual({ rooms: [tea] });
    expect((await call('GET', '/homeserver/rooms?search=%23te')).body).toEqual({ rooms: [tea] });
    expect((await call('GET', '/homeserver/rooms')).body.rooms).toHaveLength(3);
    expect((await call('GET', '/homeserver/rooms?search=nothing')).body).toEqual({ rooms: [] });
    await homeserver.stop();
    expect((await call('GET', '/homeserver/rooms')).status).toBe(409);
  });
});

describe('GET /people', () => {
  it('lists people, and finds them by the beginning of any of their names', async () => {
    const { call, ann } = await apiStage();
    expect(await everyPage(call, '/people')).toMatchObject([
      {
        ...{ scimId: ann, userName: 'ann', displayName: 'Ann Ant', source: 'default', isActive: true },
        ...{ account: '@ann:example.com', state: 'active', groups: 2, rooms: 2 },
      },
      { userName: 'bob' },
      { userName: 'cem', groups: 0, rooms: 1 },
    ]);
    const names = async (search: string) =>
      (await everyPage(call, `/people?search=${encodeURIComponent(search)}`)).map(({ userName }) => userName);
    expect([
      await names('ANN ANT'),
      await names('@bob'),
      await names('uid-c'),
      await names('nobody'),
    ]).toEqual([['ann'], ['bob'], ['cem'], []]);
    expect(await everyPage(call, '/people?failing=yes')).toEqual([]);
  });

  it.each([
    ['/people?limit=0', /query\.limit/],
    ['/people?limit=1000', /query\.limit/],
    ['/people?cursor=nonsense', /^query\.cursor: is no cursor of this list/],
    ['/people?serch=x', /serch/],
    ['/groups?mapped=maybe', /query\.mapped/],
    ['/journal?since=yesterday', /query\.since/],
  ])('refuses %s, and says what is wrong', async (path, detail) => {
    const { call } = await apiStage();
    const { status, body } = await call('GET', path);
    expect([status, body.detail]).toEqual([400, expect.stringMatching(detail)]);
  });

  it('shows a person with her account, her groups and her rooms', async () => {
    const { call, ann, json } = await apiStage();
    const { body } = await call('GET', `/people/${ann}`);
    expect(body).toMatchObject({
      person: { scimId: ann, account: '@ann:example.com', status: 'active', isConfirmed: true, changes: [] },
      groups: [
        { name: 'Interns', isDirect: true },
        { name: 'Engineering', isDirect: false },
      ],
    });
    expect(body.answer).toBe((await json('explain', 'ann')).answer);
    expect(body.rooms.map(({ room }: { room: { target: string } }) => room.target)).toEqual([
      '#eng:example.com',
      '#lobby:example.com',
    ]);
    for (const name of ['ann', '@ann:example.com']) {
      expect((await call('GET', `/people/${encodeURIComponent(name)}`)).body.person.scimId).toBe(ann);
    }
    expect((await call('GET', '/people/nobody')).status).toBe(404);
  });

  it('explains a person and a room as usher explain does', async () => {
    const { call, json } = await apiStage();
    const { body } = await call('GET', `/people/cem/rooms/${ENG}`);
    const told = await json('explain', 'cem', '#eng:example.com');
    expect(body.answer).toBe(
      'Cem (@cem:example.com) is not in #eng:example.com because no group of hers opens it.',
    );
    const { person, ...rest } = told;
    expect(body).toMatchObject(rest);
    expect(body.person).toMatchObject({ userName: person.userName, account: person.account });
    expect((await call('GET', `/people/cem/rooms/${encodeURIComponent('#no:example.com')}`)).status).toBe(
      404,
    );
  });
});
