import { describe, expect, it } from 'vitest';
import { ANN, lookAt, withPeople } from './stage.ts';

const linesOf = (text: string): readonly string[] => text.trimEnd().split('\n');

describe('usher journal', () => {
  it('tells what was done, the newest last, with its cause', async () => {
    const stage = await lookAt();
    await withPeople(stage);
    await stage.mod.kick(stage.lobby, ANN);
    await stage.resync();
    const { exitCode, stdout } = await stage.look('journal');
    expect(exitCode).toBe(0);
    const lines = linesOf(stdout);
    expect(lines.at(0)).toMatch(/^2\d{3}-\d\d-\d\d \d\d:\d\d:\d\d UTC {2}done {4}create account @/);
    expect(lines.at(1)).toMatch(/^ {6}cause: (POST|PATCH) \//);
    expect(stdout).toContain('found   @ann:example.com was removed from #lobby:example.com by a moderator');
    expect(stdout.lastIndexOf('found   @ann')).toBeGreaterThan(stdout.lastIndexOf('done    join'));
  });

  it('filters, and prints a line of JSON for each', async () => {
    const stage = await lookAt();
    await withPeople(stage);
    const json = async (...args: readonly string[]) => {
      const { stdout } = await stage.look('journal', '--json', ...args);
      return stdout === '' ? [] : linesOf(stdout).map((line) => JSON.parse(line));
    };
    const joins = await json(
      '--account',
      'ann',
      '--room',
      '#eng:example.com',
      '--action',
      'join',
      '--since',
      '2d',
    );
    expect(joins).toEqual([
      {
        at: expect.stringMatching(/Z$/),
        action: 'join',
        outcome: 'done',
        account: ANN,
        roomId: stage.eng,
        userId: expect.any(String),
        detail: `join ${ANN} to ${stage.eng}`,
        cause: expect.stringContaining('(request '),
      },
    ]);
    expect(await json('--limit', '2')).toHaveLength(2);
    expect(await json('--since', '2999-01-01')).toEqual([]);
    expect((await stage.look('journal', '--action', 'kick')).stdout).toBe(
      'Nothing of that kind is in the journal.\n',
    );
  });

  it.each([
    [['--since', 'yesterday'], /--since "yesterday" is no time/],
    [['--limit', 'many'], /--limit "many" is not a whole number/],
    [['--account', 'anm'], /Did you mean "ann"/],
    [['--room', '#emg:example.com'], /Did you mean "#eng:example\.com"/],
  ])('says what is wrong with %j', async (args, message) => {
    const stage = await lookAt();
    await withPeople(stage);
    const { exitCode, stderr } = await stage.look('journal', ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('usher groups', () => {
  it('lists what was pushed, and lines for the map', async () => {
    const stage = await lookAt();
    const { engineering } = await withPeople(stage);
    const { stdout } = await stage.look('groups');
    expect(stdout).toMatch(/^NAME +EXTERNAL ID +SOURCE +MEMBERS +PEOPLE +ROOMS\n/);
    expect(stdout).toMatch(/^Engineering +ext-eng +default +2 +2 +#eng:example\.com$/m);
    expect(stdout).toMatch(/^Interns +ext-interns +default +1 +1 +–$/m);
    expect(stdout).toContain('  "ext-interns": [ "#room:example.com" ],  // Interns, 1 person\n');
    expect(await stage.json('groups')).toMatchObject([
      { id: engineering, name: 'Engineering', members: 2, people: 2, rooms: ['#eng:example.com'] },
      { name: 'Interns', rooms: [], mapLine: expect.stringContaining('"ext-interns"') },
    ]);
    const unmapped = await stage.look('groups', '--unmapped');
    expect(unmapped.stdout).not.toContain('Engineering');
    expect(await stage.json('groups', '--unmapped')).toHaveLength(1);
  });

  it('writes lines that are a map', async () => {
    const stage = await lookAt(() => ({}));
    await withPeople(stage);
    await stage.beside((store) =>
      store.groups.create(
        'default' as never,
        { attributes: { displayName: 'A "B"\n// C' }, members: [] },
        Date.now(),
      ),
    );
    const lines = (await stage.json('groups', '--unmapped')).map(
      ({ mapLine }: { readonly mapLine: string }) => mapLine,
    );
    expect(lines).toHaveLength(3);
    stage.writeMap(`{\n${lines.join('\n').replaceAll('#room:', '#eng:')}\n}`);
    expect((await stage.look('groups', '--unmapped')).stdout).toBe('Every group is in the map.\n');
  });
});

describe('usher rooms', () => {
  it('lists the rooms of the map, as they are recorded', async () => {
    const stage = await lookAt(() => ({
      'ext-eng': [{ room: '#eng:example.com', powerLevel: 50 }],
      'name:Nobody': '#none:example.com',
    }));
    await withPeople(stage);
    await stage.beside(({ facts }) =>
      facts.set('last-pass', {
        startedAt: 0,
        finishedAt: 1,
        marked: 0,
        problems: [{ target: '#none:example.com', message: 'There is no such room.' }],
        drifted: 0,
      }),
    );
    const { exitCode, stdout } = await stage.look('rooms');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ROOM +ENTITLED +JOINED +MODE +LEAVE +LEVEL\n/);
    expect(stdout).toMatch(/^#eng:example\.com +2 +2 +granted +allowed +50\n +!\S+, through Engineering$/m);
    expect(stdout).toMatch(
      /^#none:example\.com +0 +0 .*\n +not found by any full pass yet, through name:Nobody \(nobody pushed it yet\)\n +! There is no such room\.$/m,
    );
    expect(await stage.json('rooms')).toMatchObject([
      { target: '#eng:example.com', roomId: stage.eng, entitled: 2, joined: 2, powerLevel: 50 },
      { target: '#none:example.com', groups: [{ key: 'name:Nobody' }], problems: ['There is no such room.'] },
    ]);
  });

  it('asks the homeserver who is really in', async () => {
    const stage = await lookAt();
    await withPeople(stage);
    const { stdout } = await stage.look('rooms', '--live');
    expect(stdout).toMatch(/now: 4 members; the bot has power 100\n +1 not entitled: @mod:example\.com/);
    expect(await stage.json('rooms', '--live')).toMatchObject([
      { live: { joined: 4, strays: ['@mod:example.com'], botPower: 100 } },
      { live: { joined: 5, strays: ['@mod:example.com'], botPower: 100 } },
    ]);
    await stage.homeserver.stop();
    const { exitCode, stdout: down } = await stage.look('rooms', '--live');
    expect(exitCode).toBe(1);
    expect(down).toMatch(/! .*ECONNREFUSED/);
  });
});

describe('usher users', () => {
  it('lists people, those who match, and those who fail', async () => {
    const stage = await lookAt();
    await withPeople(stage);
    await stage.homeserver.person('dee');
    await stage.provider.createUser({ userName: 'dee' });
    await stage.settle();
    const { stdout } = await stage.look('users');
    expect(stdout).toMatch(/^USER +ACCOUNT +STATE +ACTIVE +GROUPS +ROOMS\n/);
    expect(stdout).toMatch(/^ann +@ann:example\.com +active +yes +2 +2$/m);
    expect(stdout).toMatch(/^dee +– +none +yes +0 +0\n {4}! @dee:example\.com exists/m);
    const found = linesOf((await stage.look('users', 'ANN@', '--json')).stdout).map((line) =>
      JSON.parse(line),
    );
    expect(found).toMatchObject([
      {
        userName: 'ann',
        displayName: 'Ann Ant',
        isActive: true,
        account: ANN,
        state: 'active',
        groups: 2,
        rooms: 2,
      },
    ]);
    const failing = await stage.look('users', '--failing');
    expect(linesOf(failing.stdout).filter((line) => /^\w/.test(line))).toHaveLength(2);
    expect(await stage.look('users', 'bobb')).toMatchObject({
      exitCode: 2,
      stderr: 'usher: no user matches "bobb". Did you mean "bob"?\n',
    });
  });

  it('lists more than one piece', async () => {
    const stage = await lookAt(() => ({}), { PROVISION: 'mapped' });
    await stage.close();
    await stage.beside(async (store) => {
      for (let index = 0; index < 1200; index += 1) {
        await store.users.create('default' as never, { userName: `user-${index}` }, Date.now());
      }
    });
    const { stdout } = await stage.look('users');
    expect(linesOf(stdout)).toHaveLength(1201);
    expect(linesOf((await stage.look('users', '-119', '--json')).stdout)).toHaveLength(1);
  });
});

describe('usher conflicts', () => {
  it('lists the ways out, as commands', async () => {
    const stage = await lookAt();
    expect(await stage.look('conflicts')).toMatchObject({ exitCode: 0, stdout: 'Nobody is in conflict.\n' });
    await stage.homeserver.person('dee');
    await stage.homeserver.admin('root');
    await stage.provider.createUser({ userName: 'dee', displayName: "Dee O'Dee" });
    await stage.provider.createUser({ userName: 'root' });
    await stage.provider.createUser({ userName: '12345' });
    await stage.settle();
    const { exitCode, stdout } = await stage.look('conflicts');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^3 people are in conflict, and get nothing until somebody mends it\.$/m);
    expect(stdout).toMatch(/^dee \(Dee O'Dee, SCIM id .*\)\n {2}@dee:example\.com exists/m);
    expect(stdout).toContain('  - usher link dee @dee:example.com   if the account is hers\n');
    const { conflicts, others } = await stage.json('conflicts');
    expect(others).toBe(0);
    const byName = new Map(
      conflicts.map((each: { readonly userName: string; readonly code: string }) => [
        each.userName,
        each.code,
      ]),
    );
    expect(byName).toEqual(
      new Map([
        ['dee', 'account-taken'],
        ['root', 'protected-account'],
        ['12345', 'no-account-name'],
      ]),
    );
  });
});
