import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { convertMap } from '../../src/cli/import-map.ts';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import { type RoomId, userId } from '../../src/matrix/ids.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { ListQuery, Store } from '../../src/store/store.ts';
import type { ActingUser } from '../support/homeserver/harness.ts';
import { type SimulatedUnderTest, startSimulated } from '../support/homeserver/simulated.ts';
import { oldDataDir, oldGroup, oldUser } from '../support/synapse-scim.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import { type Env, envFor, IDP, SECRET, startUsher } from '../support/usher.ts';

const SOURCE = 'default' as SourceId;
const STAFF = '2cf07991-e8dd-4fcd-a4b8-e2db71698e34';
const OPS = '88d72b1b-2de4-4676-a2b9-d57053429f0e';
const ALL: ListQuery = {
  startIndex: 1,
  count: 100,
  where: {},
  order: { by: 'creation', isDescending: false },
};

let homeserver: SimulatedUnderTest;
let owner: ActingUser;
beforeAll(async () => {
  homeserver = await startSimulated();
  owner = await homeserver.person('owner');
});
afterAll(() => homeserver.close());

const matrixId = (name: string) => userId(name, homeserver.serverName);

/** An account as synapse-scim made it. */
async function account(name: string, externalId: string): Promise<void> {
  await homeserver.homeserver.createAccount(matrixId(name), {
    displayName: name,
    externalId: { provider: IDP, id: externalId },
    email: undefined,
  });
}

function settings(more: Env = {}): { readonly folder: string; readonly env: Env } {
  const folder = tempDir();
  return { folder, env: envFor(homeserver, folder, more) };
}

async function within<T>(env: Env, use: (store: Store) => Promise<T>): Promise<T> {
  const store = openStore(String(env.DATA_DIR));
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

const membersOf = async (store: Store, group: string) => {
  const members: unknown[] = [];
  for await (const some of store.groups.members(group as ResourceId)) members.push(...some);
  return members;
};

/** As a provider sends it; what comes back. */
async function scim(origin: string, method: string, path: string, body?: object) {
  const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/scim+json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`${origin}/scim/v2${path}`, { method, headers, ...sent });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text) };
}

describe('usher import synapse-scim', () => {
  it('takes over users, groups, members and accounts under the ids that the provider knows', async () => {
    const { folder, env } = settings();
    const hash = 'a3f5'.repeat(16);
    await account('bea', 'uid-bea'); // she was there before, so synapse-scim gave her own Matrix id
    const [ann, bea, cyd] = [matrixId('uid-ann'), matrixId('bea'), matrixId(hash)];
    await account(hash, hash);
    const old = oldDataDir(folder, {
      users: {
        'uid-ann': oldUser('ann', { displayName: 'as she was made' }),
        'uid-bea': oldUser('bea'),
        [hash]: oldUser('cyd', { externalId: hash }),
        'uid-dan': oldUser('dan'),
        [ann]: oldUser('ann', { displayName: 'Ann', active: false, name: null }),
      },
      groups: {
        [STAFF]: oldGroup('Staff', STAFF, [ann, bea, 'uid-dan', 'CYD', 'uid-gone']),
        [OPS]: oldGroup('Ops', OPS, null),
      },
    });
    const { exitCode, stdout, stderr } = await usher(['import', 'synapse-scim', old], env);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('imported: 4 users and 2 groups with 5 members.\n3 users have a Matrix account');
    expect(stdout).toContain(
      `note: for 1 user no account is known, so the next pass looks for one: ${matrixId('uid-dan')}`,
    );
    expect(stdout).toContain(
      'note: 1 member is nobody who was imported. They are kept and count for nobody: uid-gone',
    );
    expect(stdout).toMatch(
      /Nothing is taken from anybody before you have looked\. Next[\s\S]*usher approve imported/,
    );

    await within(env, async (store) => {
      const { resources } = await store.users.list(SOURCE, ALL);
      expect(resources.map(({ id }) => id)).toEqual([bea, cyd, matrixId('uid-dan'), ann]);
      expect((await store.users.get(SOURCE, ann))?.attributes).toEqual({
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: 'ann',
        displayName: 'Ann',
        emails: [{ value: 'ann@mail.example', type: 'other', primary: true }],
        active: false,
        externalId: 'uid-ann',
      });
      expect(await membersOf(store, STAFF)).toEqual([
        ...[bea, cyd, matrixId('uid-dan'), ann].map((value) => ({ value, type: 'User' })),
        { value: 'uid-gone', type: 'unknown' },
      ]);
      expect(await membersOf(store, OPS)).toEqual([]);
      const links = await Promise.all(resources.map(({ id }) => store.people.link(id)));
      expect(links.map((link) => link?.account)).toEqual([bea, cyd, undefined, ann]);
      expect(links[0]).toMatchObject({ isConfirmed: true, externalId: undefined, email: undefined });
      expect(await store.guard.holds()).toMatchObject([
        {
          scope: 'imported',
          reason: expect.stringMatching(
            /^4 users and 2 groups were imported from synapse-scim \(.* UTC\)\. Nothing is taken/,
          ),
        },
      ]);
    });
  });

  it('lets the provider go on where it was, adopts who is in the room, and takes nothing away', async () => {
    const { folder, env } = settings();
    await account('uid-eve', 'uid-eve');
    await account('uid-fay', 'uid-fay');
    const [eve, fay] = [matrixId('uid-eve'), matrixId('uid-fay')];
    const room: RoomId = await owner.createRoom();
    await homeserver.homeserver.takeRoom(room);
    await homeserver.homeserver.join(room, eve);
    const old = oldDataDir(folder, {
      users: { [eve]: oldUser('eve', { displayName: 'uid-eve' }), 'uid-fay': oldUser('fay') },
      groups: { [STAFF]: oldGroup('Staff', STAFF, [eve]) },
    });
    const before = structuredClone(await homeserver.homeserver.account(fay));
    expect(await usher(['import', 'synapse-scim', old], env)).toMatchObject({ exitCode: 0 });
    expect(await homeserver.homeserver.account(fay)).toEqual(before);

    const running = await startUsher(homeserver, { [STAFF]: room }, { folder });
    await running.settle();
    expect(await homeserver.homeserver.joinedMembers(room)).toContain(eve);
    // Authentik does not encode the ids that it was given, others do.
    for (const path of [`/Users/${eve}`, `/Users/${encodeURIComponent(eve)}`]) {
      const { status, body } = await scim(running.url, 'GET', path);
      expect([status, body.id, body.userName]).toEqual([200, eve, 'eve']);
      expect(body.meta.location).toBe(`${running.url}/scim/v2/Users/${encodeURIComponent(eve)}`);
      const put = await scim(running.url, 'PUT', path, { ...oldUser('eve'), id: eve, displayName: 'Eve' });
      expect([put.status, put.body.id]).toEqual([200, eve]);
      const Operations = [{ op: 'replace', path: 'displayName', value: `Eve by ${path.length}` }];
      const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
      expect((await scim(running.url, 'PATCH', path, { schemas, Operations })).status).toBeOneOf([200, 204]);
    }
    const group = { ...oldGroup('Staff', STAFF, [eve, fay]), id: STAFF };
    const { status, body } = await scim(running.url, 'PUT', `/Groups/${STAFF}`, group);
    expect([status, body.id, body.members.length]).toEqual([200, STAFF, 2]);
    await running.settle();
    const members = await homeserver.homeserver.joinedMembers(room);
    expect(members).toContain(eve);
    expect(members).toContain(fay);
    expect((await scim(running.url, 'DELETE', `/Users/${encodeURIComponent(fay)}`)).status).toBe(204);
    expect((await scim(running.url, 'DELETE', `/Users/${eve}`)).status).toBe(204);
    expect((await scim(running.url, 'GET', `/Users/${eve}`)).status).toBe(404);
  });

  it('is not taken for an old copy of the database at the next start', async () => {
    const { folder, env } = settings();
    await within(env, (store) => store.seal(1));
    const users = { [matrixId('gil')]: oldUser('gil') };
    const old = oldDataDir(folder, { users, groups: {} });
    expect(await usher(['import', 'synapse-scim', old], env)).toMatchObject({ exitCode: 0 });
    expect(await within(env, (store) => store.seal(1))).toBe('same');
  });

  it('reads lists with ids, and files of any name', async () => {
    const { folder, env } = settings();
    writeFileSync(
      join(folder, 'u'),
      JSON.stringify([
        { id: '7', ...oldUser('hal') },
        { id: matrixId('ida'), userName: 'ida' },
      ]),
    );
    writeFileSync(
      join(folder, 'g'),
      JSON.stringify([{ id: '9', displayName: 'Staff', members: ['7', matrixId('ida')] }]),
    );
    const args = ['import', 'synapse-scim', '--users', join(folder, 'u'), '--groups', join(folder, 'g')];
    expect(await usher(args, env)).toMatchObject({ exitCode: 0, stderr: '' });
    await within(env, async (store) => {
      expect(await membersOf(store, '9')).toEqual([
        { value: '7', type: 'User' },
        { value: matrixId('ida'), type: 'User' },
      ]);
      expect(await store.people.link('7' as ResourceId)).toBeUndefined();
    });
  });

  it('lists every problem with its file and key, and changes nothing', async () => {
    const { folder, env } = settings();
    const old = oldDataDir(folder, {
      users: {
        'uid-ann': oldUser('ann'),
        'uid-ann2': oldUser('Ann', { externalId: 'uid-ann2' }),
        null: oldUser('nobody', { externalId: null }),
        '@bea:elsewhere.example': oldUser('bea'),
        'uid-cyd': { displayName: 'Cyd' },
        'uid-dan': 'dan',
        [matrixId('eve')]: oldUser('eve'),
        [matrixId('eve2')]: oldUser('eve2', { externalId: 'uid-eve' }),
      },
      groups: {
        [STAFF]: oldGroup('Staff', STAFF, []),
        [OPS]: oldGroup('staff', OPS, []),
        other: { displayName: 'Other', members: [{ ref: null }] },
        nameless: { externalId: 'nameless', displayName: null, members: null },
      },
      map: `{"${STAFF}": "#staff:usher.test"}`,
    });
    const { exitCode, stderr } = await usher(['import', 'synapse-scim', old], env);
    expect(exitCode).toBe(2);
    const twice = 'delete the entry of the one that is not at the provider any more';
    expect(stderr.trimEnd().split('\n')).toEqual([
      "usher: what synapse-scim stored can't be taken over as it is. Nothing was changed.",
      'users.json: "uid-dan": is no object',
      'users.json: "null": has neither an id nor an externalId, so nobody knows whose it is: delete the entry',
      'users.json: "@bea:elsewhere.example": @bea:elsewhere.example is not on MATRIX_SERVER_NAME, which is usher.test',
      'users.json: "uid-cyd": userName is required',
      `users.json: "${matrixId('eve2')}": has the externalId of users.json: "${matrixId('eve')}": ${twice}`,
      `users.json: "uid-ann2": has the userName of users.json: "uid-ann": ${twice}`,
      'groups.json: "other": has a member without a value',
      'groups.json: "nameless": displayName is required',
      `groups.json: "${OPS}": has the displayName of groups.json: "${STAFF}": ${twice}`,
    ]);
    expect(existsSync(String(env.DATA_DIR))).toBe(false);
    expect(existsSync(String(env.GROUP_MAP_FILE))).toBe(false);
  });

  it.each([
    ['nonsense', /users\.json: is no JSON/],
    ['7', /users\.json: is neither an object nor a list/],
  ])('says of %j what it is not', async (users, message) => {
    const { folder, env } = settings();
    const old = oldDataDir(folder, { users, groups: {} });
    expect((await usher(['import', 'synapse-scim', old], env)).stderr).toMatch(message);
  });

  it('needs a database that is empty, and leaves one that is not', async () => {
    const { folder, env } = settings();
    await within(env, (store) => store.users.create(SOURCE, { userName: 'here' }, 1));
    const old = oldDataDir(folder, {
      users: { [matrixId('jon')]: oldUser('jon') },
      groups: {},
      map: '{}',
    });
    const { exitCode, stderr } = await usher(['import', 'synapse-scim', old], env);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/has users or groups already.*Nothing was changed/),
    ]);
    await within(env, async (store) => expect((await store.users.list(SOURCE, ALL)).totalResults).toBe(1));
    expect(readdirSync(folder).sort()).toEqual(['data', 'synapse-scim']);
  });

  it('needs the service to be stopped', async () => {
    const { folder, env } = settings();
    const store = openStore(String(env.DATA_DIR));
    onTestFinished(() => store.close());
    const old = oldDataDir(folder, { users: { [matrixId('kim')]: oldUser('kim') }, groups: {} });
    expect((await usher(['import', 'synapse-scim', old], env)).stderr).toMatch(/another Usher is using/);
    expect((await store.users.list(SOURCE, ALL)).totalResults).toBe(0);
  });

  it('asks the homeserver only for ids that are not written down, and stops if it must and can not', async () => {
    const { folder, env } = settings({ MATRIX_URL: 'http://127.0.0.1:9' });
    const old = oldDataDir(folder, { users: { 'uid-lea': oldUser('lea') }, groups: {} });
    const { exitCode, stderr } = await usher(['import', 'synapse-scim', old], env);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^usher: the homeserver: /)]);
    expect(existsSync(join(String(env.DATA_DIR), 'usher.db'))).toBe(false);
    writeFileSync(join(old, 'users.json'), JSON.stringify({ [matrixId('lea')]: oldUser('lea') }));
    expect(await usher(['import', 'synapse-scim', old], env)).toMatchObject({ exitCode: 0 });
  });

  it('finds two users with one id, also where only the homeserver knows it', async () => {
    const { folder, env } = settings();
    await account('mia', 'uid-mia');
    const users = { 'uid-mia': oldUser('mia'), [matrixId('mia')]: oldUser('other') };
    const old = oldDataDir(folder, { users, groups: {} });
    expect((await usher(['import', 'synapse-scim', old], env)).stderr).toMatch(
      /users\.json: "@mia:usher\.test": has the id of users\.json: "uid-mia"/,
    );
  });

  it.each([
    [[], /the command is: usher import synapse-scim \[FOLDER\]/],
    [['okta'], /"okta" can't be imported/],
    [['synapse-scim'], /name the DATA_DIR of synapse-scim/],
    [['synapse-scim', '/nowhere'], /\/nowhere\/users\.json can't be read/],
    [['synapse-scim', '/nowhere', '--map-out', 'x'], /--map-out needs a map/],
  ])('explains itself for %j', async (args, message) => {
    const { exitCode, stderr } = await usher(['import', ...args], settings().env);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('the group map of synapse-scim', () => {
  const users = {};
  const groups = { [STAFF]: oldGroup('Staff', STAFF, []), [OPS]: oldGroup('Ops', OPS, []) };
  const MAP = `{
  // Everybody who works here
  "${STAFF}": ["#all:usher.test", "%23staff:usher.test", "%23all:usher.test"], // twice
  "gone": ["!abc:usher.test"],
}`;

  it('is written where Usher reads it, with its comments and without what is there twice', async () => {
    const { folder, env } = settings();
    const old = oldDataDir(folder, { users, groups, map: MAP });
    const { exitCode, stdout } = await usher(['import', 'synapse-scim', old], env);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`group map: ${env.GROUP_MAP_FILE}\n`);
    expect(stdout).toContain(`note: #all:usher.test was there twice for ${STAFF}`);
    expect(stdout).toContain('note: The group map has "gone", and nobody pushed such a group yet.');
    expect(readFileSync(String(env.GROUP_MAP_FILE), 'utf8')).toBe(`{
  // Everybody who works here
  "${STAFF}": ["#all:usher.test", "%23staff:usher.test"], // twice
  "gone": ["!abc:usher.test"],
}
`);
  });

  it('keeps comments between what is there twice, and is refused where it is broken', () => {
    const map = '{"a": ["#x:s", /* one */ // two\n "!y:s", // three\n "#x:s" /* four */], "b": ["#x:s"]}';
    expect(convertMap(map, 'map').text).toBe(
      '{"a": ["#x:s", /* one */ // two\n "!y:s" // three\n  /* four */], "b": ["#x:s"]}\n',
    );
    expect(() => convertMap('{"a": ["#x:s" "#x:s"]}', 'map')).toThrow(/map:1:15: a comma is missing/);
  });

  it('is read from the line of an .env file, too', async () => {
    const { folder, env } = settings();
    const old = oldDataDir(folder, { users, groups });
    const map = join(folder, 'old.env');
    writeFileSync(map, `IDP_GROUP_TO_ROOM='{"${OPS}": ["#ops:usher.test"]}'\n`);
    const out = join(folder, 'new.jsonc');
    expect(await usher(['import', 'synapse-scim', old, '--map', map, '--map-out', out], env)).toMatchObject({
      exitCode: 0,
    });
    expect(readFileSync(out, 'utf8')).toBe(`{"${OPS}": ["#ops:usher.test"]}\n`);
  });

  it('that is there already is left as it is', async () => {
    const { folder, env } = settings();
    writeFileSync(String(env.GROUP_MAP_FILE), '{}');
    const old = oldDataDir(folder, { users, groups, map: MAP });
    const { stdout } = await usher(['import', 'synapse-scim', old], env);
    expect(stdout).toContain('note: a group map is there already; ');
    expect(readFileSync(String(env.GROUP_MAP_FILE), 'utf8')).toBe('{}');
    rmSync(String(env.DATA_DIR), { recursive: true });
    const named = await usher(['import', 'synapse-scim', old, '--map-out', String(env.GROUP_MAP_FILE)], env);
    expect(named.stderr).toMatch(/is there already, and is not written over/);
  });

  it('that is none, or can not be written, stops all of it', async () => {
    const { folder, env } = settings();
    const old = oldDataDir(folder, { users, groups, map: '{\n  "x": "room"\n}' });
    const broken = await usher(['import', 'synapse-scim', old], env);
    expect(broken).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/group-map\.jsonc:2:8: "room" is not a room/),
    });
    writeFileSync(join(old, 'group-map.jsonc'), '{}');
    const nowhere = await usher(['import', 'synapse-scim', old, '--map-out', '/nowhere/map'], env);
    expect(nowhere.stderr).toMatch(/the group map can't be written: .*--map-out\. Nothing was changed/);
    expect(existsSync(join(String(env.DATA_DIR), 'usher.db'))).toBe(false);
  });
});
