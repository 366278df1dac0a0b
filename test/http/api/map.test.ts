import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTokenDesk } from '../../../src/desk/tokens.ts';
import { localpartOf, type RoomId } from '../../../src/matrix/ids.ts';
import { openStoreBeside } from '../../../src/store/sqlite/open-store.ts';
import { apiClient } from '../../support/api/client.ts';
import { type SimulatedUnderTest, startSimulated } from '../../support/homeserver/simulated.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { type Env, startUsher } from '../../support/usher.ts';

/** A running Usher with rooms, and people in the group `eng`; and two admins who talk to its API. */
async function stage({ map = '{}', env = {} as Env } = {}) {
  const homeserver: SimulatedUnderTest = await startSimulated();
  onTestFinished(() => homeserver.close());
  const owner = await homeserver.person('owner');
  const [eng, ops] = [await owner.createRoom({ alias: 'eng' }), await owner.createRoom({ alias: 'ops' })] as [
    RoomId,
    RoomId,
  ];
  const folder = tempDir();
  const usher = await startUsher(homeserver, JSON.parse(map), { folder, env });
  if (env.GROUP_MAP_FILE !== '') usher.writeMap(map);
  const people = [];
  for (const name of ['ann', 'bob', 'cyd']) people.push(await usher.provider.createUser({ userName: name }));
  await usher.provider.createGroup('eng', 'g-eng', people);
  await usher.settle();
  const store = openStoreBeside(usher.dataDir);
  const desk = createTokenDesk({ store, who: 'test', now: Date.now });
  const request = { scopes: ['admin'], source: 'default', networks: [], expires: undefined };
  const [ann, bob] = [
    apiClient(usher.url, (await desk.create({ ...request, name: 'ann' })).secret),
    apiClient(usher.url, (await desk.create({ ...request, name: 'bob' })).secret),
  ];
  const reader = apiClient(
    usher.url,
    (await desk.create({ ...request, name: 'reader', scopes: ['admin:read'] })).secret,
  );
  await store.close();
  const file = join(folder, 'group-map.jsonc');
  const inRoom = async (room: RoomId) => {
    const members = [...((await homeserver.homeserver.joinedMembers(room)) ?? [])];
    return members
      .filter((each) => each !== homeserver.bot && each !== owner.userId)
      .map(localpartOf)
      .sort();
  };
  return {
    inRoom,
    homeserver,
    usher,
    ann,
    bob,
    reader,
    eng,
    ops,
    file,
    folder,
    written: () => readFileSync(file, 'utf8'),
  };
}

const ENG = `{
  // Engineering
  "name:eng": ["#eng:usher.test"] // all of them
}
`;

// An edit of the file is in force after one to two seconds.
describe('the group map', { timeout: 30_000 }, () => {
  it('is shown as it is written, comments too, with what is wrong in it', async () => {
    const { ann, usher } = await stage({ map: '{}' });
    usher.writeMap(ENG);
    expect((await ann('GET', '/map')).body).toEqual({
      ...{ text: ENG, version: expect.any(String), fixedBy: null, problems: [], warnings: [], notes: [] },
    });
    usher.writeMap('{ "name:eng": 1 }');
    const { body } = await ann('GET', '/map');
    expect(body.problems).toMatchObject([
      { line: 1, column: 15, message: expect.stringContaining('1 is not a room') },
    ]);
  });

  it('is checked without being saved', async () => {
    const { reader, written } = await stage();
    const check = async (text: string) => (await reader('POST', '/map/check', { text })).body;
    expect(await check('{ "name:engg": "#eng:usher.test",\n "*": 7 }')).toMatchObject({
      problems: [{ line: 2, column: 7 }],
    });
    expect(await check('{ "name:engg": "#eng:elsewhere" }')).toMatchObject({
      problems: [],
      warnings: [{ line: 1, column: 16, message: expect.stringContaining('another server') }],
      notes: [expect.stringContaining('engg')],
    });
    expect(written()).toBe('{}');
  });

  it('is planned before it is saved: who would join and leave, by room', async () => {
    const { ann, reader, usher, inRoom, eng, ops } = await stage();
    const plan = async (text: string) => (await reader('POST', '/map/plan', { text })).body;
    expect(await plan(ENG)).toMatchObject({
      ...{ joins: 3, kicks: 0, others: 0, held: [], toMake: [], problems: [] },
      rooms: [{ roomId: eng, name: '#eng:usher.test', joins: 3, kicks: 0, levels: 0 }],
    });
    const { version } = (await ann('GET', '/map')).body;
    expect((await ann('PUT', '/map', { text: ENG, version })).status).toBe(200);
    await expect.poll(() => inRoom(eng), { timeout: 10_000 }).toEqual(['ann', 'bob', 'cyd']);
    await usher.settle();
    const next = await plan('{ "name:eng": "#ops:usher.test" }');
    expect(next).toMatchObject({ joins: 3, kicks: 3 });
    expect(next.rooms.map(({ roomId }: { roomId: string }) => roomId)).toEqual([eng, ops]);
    expect(next.rooms[0].changes).toContain(
      'remove @ann:usher.test from #eng:usher.test (was let in by eng)',
    );
    expect(await inRoom(ops)).toEqual([]);
  });

  it('is saved as it was typed, and takes effect', async () => {
    const { ann, written, inRoom, eng } = await stage();
    const { version } = (await ann('GET', '/map')).body;
    const saved = await ann('PUT', '/map', { text: ENG, version });
    expect([saved.status, saved.body.text, written()]).toEqual([200, ENG, ENG]);
    await expect.poll(() => inRoom(eng), { timeout: 10_000 }).toEqual(['ann', 'bob', 'cyd']);
  });

  it('of two who edit at once, is that of the first, and the second is told', async () => {
    const { ann, bob, written } = await stage();
    const { version } = (await ann('GET', '/map')).body;
    expect((await ann('PUT', '/map', { text: ENG, version })).status).toBe(200);
    const late = await bob('PUT', '/map', { text: '{ "*": [] }', version });
    expect([late.status, late.body.detail]).toEqual([
      412,
      'The map was changed meanwhile: look at what it is now, and edit that.',
    ]);
    expect(written()).toBe(ENG);
  });

  it('is not saved if it is none, and the answer says where', async () => {
    const { ann, reader, written } = await stage();
    const { version } = (await ann('GET', '/map')).body;
    for (const [method, path, body] of [
      ['PUT', '/map', { text: '{\n"*": 7 }', version }],
      ['POST', '/map/plan', { text: '{\n"*": 7 }' }],
    ] as const) {
      const answer = await ann(method, path, body);
      expect([answer.status, answer.body.mistakes]).toEqual([
        422,
        [{ at: 'body.text:2:6', message: expect.stringContaining('7 is not a room') }],
      ]);
    }
    expect((await reader('PUT', '/map', { text: ENG, version })).status).toBe(403);
    expect(written()).toBe('{}');
  });

  it('that can’t be written says why, and what to do', async () => {
    const { ann, file } = await stage();
    const { version } = (await ann('GET', '/map')).body;
    rmSync(file);
    mkdirSync(file);
    const gone = await ann('GET', '/map');
    expect([gone.status, gone.body.detail]).toEqual([409, `${file} can't be read: EISDIR.`]);
    rmSync(file, { recursive: true });
    writeFileSync(file, '{}');
    if (process.getuid?.() !== 0) {
      chmodSync(join(file, '..'), 0o500);
      expect((await ann('GET', '/map')).body.fixedBy).toContain('mount the folder without ":ro"');
      const answer = await ann('PUT', '/map', { text: ENG, version });
      chmodSync(join(file, '..'), 0o700);
      expect([answer.status, answer.body.detail]).toEqual([409, `${file} can't be written: EACCES.`]);
    }
  });

  it('that is a setting is shown, and where to write it instead', async () => {
    const { ann } = await stage({ env: { GROUP_MAP_FILE: '', IDP_GROUP_TO_ROOM: '{ "*": [] }' } });
    const { body } = await ann('GET', '/map');
    expect(body).toMatchObject({ text: '{ "*": [] }', fixedBy: expect.stringContaining('GROUP_MAP_FILE') });
    const answer = await ann('PUT', '/map', { text: ENG, version: body.version });
    expect([answer.status, answer.body.detail]).toEqual([409, body.fixedBy]);
  });

  it('is planned for nobody while the homeserver does not answer', async () => {
    const { ann, homeserver } = await stage();
    await homeserver.close();
    const answer = await ann('POST', '/map/plan', { text: ENG });
    expect([answer.status, answer.body.detail]).toEqual([409, expect.stringMatching(/^The homeserver: /)]);
  });
});

describe('the history of the map', { timeout: 30_000 }, () => {
  it('has each map that was in force, with who made it so, and leads back', async () => {
    const { ann, bob, usher } = await stage();
    const save = async (call: typeof ann, text: string) => {
      const { version } = (await call('GET', '/map')).body;
      expect((await call('PUT', '/map', { text, version })).status).toBe(200);
    };
    const history = async () => (await ann('GET', '/map/history')).body.editions;
    await save(ann, ENG);
    await save(bob, ENG.replace('#eng', '#ops'));
    usher.writeMap('{ "*": [] }');
    await expect.poll(async () => (await history()).length, { timeout: 10_000 }).toBe(4);
    expect((await history()).map(({ who, added, removed }: never) => [who, added, removed])).toEqual([
      ['the file', 1, 5],
      ['bob', 1, 1],
      ['ann', 5, 1],
      ['the file', 1, 0],
    ]);
    const [, , { id }] = await history();
    const before = await ann('GET', `/map/history/${id}`);
    expect(before.body).toMatchObject({ who: 'ann', text: ENG });
    await save(ann, before.body.text);
    expect((await ann('GET', '/map')).body.text).toBe(ENG);
    expect((await ann('GET', '/map/history/9999')).status).toBe(404);
    expect((await ann('GET', '/map/history/x')).status).toBe(400);
  });

  it('has what was written into the file just before a map was saved over it', async () => {
    const { ann, usher } = await stage();
    usher.writeMap('{ /* mine */ }');
    const { version } = (await ann('GET', '/map')).body;
    expect((await ann('PUT', '/map', { text: ENG, version })).status).toBe(200);
    const [, before] = (await ann('GET', '/map/history')).body.editions;
    expect((await ann('GET', `/map/history/${before.id}`)).body).toMatchObject({
      ...{ who: 'the file', text: '{ /* mine */ }' },
    });
  });

  it('does not have the same map twice, at a start', async () => {
    const homeserver = await startSimulated();
    onTestFinished(() => homeserver.close());
    const folder = tempDir();
    for (const _ of ['first', 'second'])
      await (await startUsher(homeserver, { '*': [] }, { folder })).close();
    const usher = await startUsher(homeserver, {}, { folder });
    const store = openStoreBeside(usher.dataDir);
    expect((await store.maps.list()).map(({ text }) => text)).toEqual(['{}', '{"*":[]}']);
    await store.close();
  });
});
