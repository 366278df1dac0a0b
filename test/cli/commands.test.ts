import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceId } from '../../src/directory/resource.ts';
import { localpartOf, type RoomId, userId } from '../../src/matrix/ids.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { ActingUser } from '../support/homeserver/harness.ts';
import { type SimulatedUnderTest, startSimulated } from '../support/homeserver/simulated.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import { type Env, envFor, startUsher } from '../support/usher.ts';

const IDP = 'default' as SourceId;

let homeserver: SimulatedUnderTest;
let owner: ActingUser;
beforeAll(async () => {
  homeserver = await startSimulated();
  owner = await homeserver.person('owner');
});
afterAll(() => homeserver.close());

function envWith(map: object, more: Env = {}): Env {
  const folder = tempDir();
  const env = envFor(homeserver, folder, more);
  writeFileSync(String(env.GROUP_MAP_FILE), JSON.stringify(map));
  return env;
}

/** A database in which a provider pushed people and nothing was done yet. */
async function withPushed(map: object, ...names: readonly string[]): Promise<Env> {
  const env = envWith(map);
  const store = openStore(String(env.DATA_DIR));
  for (const userName of names)
    await store.users.create(IDP, { userName, externalId: `uid-${userName}` }, Date.now());
  await store.close();
  return env;
}

async function inRoom(room: RoomId): Promise<readonly string[]> {
  const members = (await homeserver.homeserver.joinedMembers(room)) ?? new Set();
  return [...members]
    .filter((each) => each !== owner.userId && each !== homeserver.bot)
    .map(localpartOf)
    .sort();
}

describe('usher plan', () => {
  it('shows what would be done, and does nothing', async () => {
    const room = await owner.createRoom();
    const env = await withPushed({ '*': room }, 'planned');
    const account = userId('planned', homeserver.serverName);
    const { exitCode, stdout } = await usher(['plan'], env);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`+ create account ${account}`);
    expect(stdout).toContain(`+ join ${account} to ${room} (everybody)`);
    expect(stdout).toContain('2 changes: 0 take away, 2 give or update.');
    expect(await inRoom(room)).toEqual([]);
    expect(await homeserver.homeserver.account(account)).toBeUndefined();
  });

  it('tells machines too, by JSON and by exit code', async () => {
    const room = await owner.createRoom();
    const env = await withPushed({ '*': room }, 'machine');
    const { exitCode, stdout } = await usher(['plan', '--json', '--exit-code'], env);
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      changes: [{ kind: 'create-account' }, { kind: 'join', roomId: room }],
      findings: [],
      problems: [],
    });
  });

  it('finds nothing to do where a service has done it, and runs beside it', async () => {
    const room = await owner.createRoom();
    const running = await startUsher(homeserver, { '*': room });
    await running.provider.createUser({ userName: 'beside' });
    await running.settle();
    const env = envFor(homeserver, join(running.dataDir, '..'));
    const { exitCode, stdout } = await usher(['plan', '--exit-code'], env);
    expect([exitCode, stdout]).toEqual([0, 'Nothing to do: the homeserver is as it should be.\n']);
  });

  it('names rooms and groups as people do, and the groups of the map that nobody pushed', async () => {
    await owner.createRoom({ alias: 'named' });
    const alias = `#named:${homeserver.serverName}`;
    const env = await withPushed({ 'name:Enginering': alias, 'name:Engineering': alias }, 'named');
    const store = openStore(String(env.DATA_DIR));
    const [{ id } = { id: '' }] = (
      await store.users.list(IDP, {
        startIndex: 1,
        count: 1,
        where: {},
        order: { by: 'creation', isDescending: false },
      })
    ).resources;
    await store.groups.create(IDP, { attributes: { displayName: 'Engineering' }, members: [id] }, Date.now());
    await store.close();
    const { stdout } = await usher(['plan'], env);
    expect(stdout).toContain(`+ join @named:usher.test to ${alias} (Engineering)`);
    expect(stdout).toContain(
      '"name:Enginering", and nobody pushed such a group yet. Did you mean "name:Engineering"?',
    );
    expect((await usher(['check'], env)).stdout).toMatch(/warn {2}group map: .*"name:Enginering"/);
  });

  it('says what to do when there is no database', async () => {
    const { exitCode, stderr } = await usher(['plan'], envWith({}));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/no database in .* yet.*usher serve/);
  });
});

describe('usher apply', () => {
  it('does what plan shows, once', async () => {
    const room = await owner.createRoom();
    const env = await withPushed({ '*': room }, 'applied');
    const first = await usher(['apply'], env);
    expect(first.stdout).toContain('2 changes made. Everything is as it should be.');
    expect(first.exitCode).toBe(0);
    expect(await inRoom(room)).toEqual(['applied']);
    expect((await usher(['apply'], env)).stdout).toContain('0 changes made.');
  });

  it('tells what needs a person, and exits with 1', async () => {
    await homeserver.person('somebody');
    const room = await owner.createRoom();
    const nowhere = `#nowhere:${homeserver.serverName}`;
    const { exitCode, stdout } = await usher(
      ['apply'],
      await withPushed({ '*': [room, nowhere] }, 'somebody'),
    );
    expect(exitCode).toBe(1);
    expect(stdout).toContain('@somebody:usher.test exists and is not linked to her');
    expect(stdout).toContain(`${nowhere} is not an alias of any room`);
    expect(stdout).toContain('2 need you');
  });

  it('is refused beside a running service', async () => {
    const running = await startUsher(homeserver, {});
    const { exitCode, stderr } = await usher(['apply'], envFor(homeserver, join(running.dataDir, '..')));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/another Usher is using/);
  });

  it('changes nothing in a dry run', async () => {
    const room = await owner.createRoom();
    const env = await withPushed({ '*': room }, 'dry');
    const { stdout } = await usher(['apply'], { ...env, DRY_RUN: 'true' });
    expect(stdout).toContain('dry-run: create account @dry:usher.test');
    expect(await homeserver.homeserver.account(userId('dry', homeserver.serverName))).toBeUndefined();
    expect((await usher(['plan'], env)).stdout).toContain('+ create account @dry:usher.test');
  });

  it('stops when the homeserver does not answer, and loses nothing', async () => {
    const room = await owner.createRoom();
    const env = await withPushed({ '*': room }, 'patient');
    await homeserver.stop();
    const { exitCode, stdout } = await usher(['apply'], env);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('Not finished: the homeserver does not answer');
    await homeserver.start();
    expect((await usher(['apply'], env)).exitCode).toBe(0);
    expect(await inRoom(room)).toEqual(['patient']);
  });
});

describe('usher check', () => {
  it('is content where all is well, and makes no folder', async () => {
    const room = await owner.createRoom({ name: 'Engineering', alias: 'checked' });
    await homeserver.homeserver.takeRoom(room);
    const env = envWith({ 'ext-1': `#checked:${homeserver.serverName}` });
    await homeserver.homeserver.createAccount(userId('sso', homeserver.serverName), {
      displayName: 'S',
      email: undefined,
      externalId: { provider: 'oidc-idp', id: 'sso' },
    });
    const { exitCode, stdout } = await usher(['check'], env);
    expect(stdout).toMatch(/^ok .*homeserver: Synapse 1\./m);
    expect(stdout).toMatch(/^ok .*token: belongs to @usher:usher\.test, a server admin$/m);
    expect(stdout).toMatch(/^ok .*IDP_NAME: oidc-idp is in use/m);
    expect(stdout).toContain(`room ${room} "Engineering", version 12, invite`);
    expect(stdout).toContain('Usher can do its work.');
    expect(exitCode).toBe(0);
    expect(existsSync(String(env.DATA_DIR))).toBe(false);
  });

  it('names every room that is not usable, with what to do', async () => {
    const empty = await owner.createRoom();
    await owner.leave(empty);
    const nowhere = `#nowhere2:${homeserver.serverName}`;
    const { exitCode, stdout } = await usher(
      ['check'],
      envWith({ a: [empty, nowhere, '!unknown:usher.test'] }),
    );
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      new RegExp(`FAIL {2}room ${nowhere}: no room has this alias\\n.*it means: .*\\n.*to do: `),
    );
    expect(stdout).toMatch(/FAIL {2}room !unknown:usher\.test: the homeserver does not know this room/);
    expect(stdout).toMatch(new RegExp(`FAIL {2}room ${empty}: `));
  });

  it('tells where the bot has to take a room first, and whom it can not remove', async () => {
    const [unentered, entered] = [
      await owner.createRoom({ version: '11' }),
      await owner.createRoom({ version: '11' }),
    ];
    await homeserver.homeserver.takeRoom(entered);
    const { stdout } = await usher(['check'], envWith({ a: [unentered, entered] }));
    expect(stdout).toMatch(
      new RegExp(`ok .*room ${unentered}: @usher:usher.test is not in it; Usher makes it a member`),
    );
    expect(stdout).toMatch(new RegExp(`warn {2}room ${entered}: @owner:usher.test can not be removed`));
  });

  it.each([
    [
      'a token that is unknown',
      { MATRIX_ADMIN_TOKEN: 'syt_wrong' },
      /FAIL {2}token: the homeserver does not accept MATRIX_ADMIN_TOKEN/,
    ],
    [
      'a token of somebody else',
      { MATRIX_ADMIN_USER_ID: '@other:usher.test' },
      /FAIL {2}token: MATRIX_ADMIN_TOKEN belongs to @usher:usher\.test/,
    ],
    [
      'an address where nothing answers',
      { MATRIX_URL: 'http://127.0.0.1:1' },
      /FAIL {2}homeserver: [\s\S]*check MATRIX_URL/,
    ],
    [
      'a provider that nobody is linked to',
      { IDP_NAME: 'oidc-typo' },
      /warn {2}IDP_NAME: of \d+ accounts .* none is linked to oidc-typo/,
    ],
  ])('explains %s', async (_title, wrong, message) => {
    const { stdout } = await usher(['check'], envWith({}, wrong));
    expect(stdout).toMatch(message);
    expect(stdout).not.toContain('syt_wrong');
  });

  it('explains a token without admin rights', async () => {
    const plain = await homeserver.person('plain');
    const wrong = { MATRIX_ADMIN_TOKEN: plain.token, MATRIX_ADMIN_USER_ID: plain.userId };
    const { exitCode, stdout } = await usher(['check'], envWith({}, wrong));
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/FAIL {2}token: .* is not a server admin/);
  });

  it('lists the people who are not as they should be', async () => {
    await homeserver.person('taken');
    const room = await owner.createRoom();
    const env = await withPushed({ '*': room }, 'taken');
    await usher(['apply'], env);
    const { stdout } = await usher(['check'], env);
    expect(stdout).toMatch(
      /warn {2}database: 1 people are not as they should be\n.*taken \(.*@taken:usher\.test exists and is not linked/,
    );
  });

  it('explains a folder that can not be written to', async () => {
    const env = envWith({});
    const file = join(String(env.DATA_DIR), '..', 'file');
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '');
    const { exitCode, stdout } = await usher(['check'], { ...env, DATA_DIR: join(file, 'data') });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/FAIL {2}database: .*DATA_DIR/s);
  });
});

describe('usher demo', () => {
  it('tells the story to its end', async () => {
    const { exitCode, stdout } = await usher(['demo', '--exit']);
    expect(stdout).toContain('The end: everybody is where the groups say.');
    expect(exitCode).toBe(0);
  });
});

describe('usher serve', () => {
  it('says which port is taken', async () => {
    const running = await startUsher(homeserver, {});
    const { port } = new URL(running.url);
    const { exitCode, stderr } = await usher(['serve'], envWith({}, { PORT: port }));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/can't listen: .*Set HOST and PORT/);
  });
});
