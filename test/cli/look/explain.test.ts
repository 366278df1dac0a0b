import { describe, expect, it } from 'vitest';
import { decideNow } from '../../support/decide.ts';
import { ANN, lookAt, withPeople } from './stage.ts';

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

describe('usher explain PERSON ROOM', () => {
  it('names the group, by nesting too, the record, and the request that it came by', async () => {
    const stage = await lookAt();
    const { ann, engineering } = await withPeople(stage);
    const { exitCode, stdout } = await stage.look('explain', ANN, '#eng:example.com');
    expect(exitCode).toBe(0);
    expect(firstLine(stdout)).toBe(
      'Ann Ant (@ann:example.com) is in #eng:example.com because she is in Interns, which is in Engineering.',
    );
    expect(stdout).toMatch(new RegExp(`Person +Ann Ant, user name ann, SCIM id ${ann}, source default`));
    expect(stdout).toMatch(/Account +@ann:example\.com, linked\n/);
    expect(stdout).toMatch(/Now +in the room\n/);
    expect(stdout).toMatch(/Open by +Engineering \(Interns in Engineering\)\n/);
    expect(stdout).toMatch(/Record +joined, since 2\d{3}-.* UTC \(/);
    const flat = stdout.replace(/\s+/g, ' ');
    expect(flat).toMatch(
      /done by Usher: join @ann:example\.com to #eng:example\.com; cause: (PATCH|POST) \//,
    );
    expect(stdout).toMatch(/Next +nothing: all is as it should be\n/);
    for (const line of stdout.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(100);
    expect(await stage.json('explain', ann, stage.eng)).toMatchObject({
      person: { scimId: ann, userName: 'ann', status: 'active', account: ANN, isLinked: true },
      room: { target: '#eng:example.com', roomId: stage.eng, isMapped: true },
      isIn: true,
      isEntitled: true,
      terms: { mode: 'granted', leave: 'allowed' },
      through: [{ id: engineering, chain: ['Interns', 'Engineering'], isDirect: false, key: 'ext-eng' }],
      record: { state: 'joined', via: [engineering] },
      history: [{ action: 'join', outcome: 'done', cause: expect.stringContaining('(request ') }],
      holds: [],
      next: { kind: 'nothing' },
    });
  });

  it('counts the other groups that open it', async () => {
    const stage = await lookAt(() => ({ 'ext-eng': '#eng:example.com', 'name:Interns': '#eng:example.com' }));
    await withPeople(stage);
    await stage.resync();
    expect(firstLine((await stage.look('explain', 'ann', '#eng:example.com')).stdout)).toMatch(
      /because she is in the group Interns \(and 1 more\)\.$/,
    );
  });

  it('says what would let her in', async () => {
    const stage = await lookAt(() => ({
      'ext-eng': { room: '#eng:example.com', mode: 'additive' },
      'name:Nobody': { room: '#eng:example.com', mode: 'additive' },
    }));
    await withPeople(stage);
    const { stdout } = await stage.look('explain', 'cem', '#eng:example.com');
    expect(firstLine(stdout)).toBe(
      'Cem (@cem:example.com) is not in #eng:example.com because no group of hers opens it.',
    );
    expect(stdout).toMatch(
      /Also by +Engineering \(she is not in it\)\n +name:Nobody \(no pushed group has this name\)\n/,
    );
    expect(stdout).toContain('mode additive');
  });

  it('says why who lost the group stays in an additive room', async () => {
    const stage = await lookAt(() => ({ 'ext-eng': { room: '#eng:example.com', mode: 'additive' } }));
    const { engineering, bob } = await withPeople(stage);
    await stage.provider.removeMembers(engineering, bob);
    await stage.settle();
    const { stdout } = await stage.look('explain', 'bob', '#eng:example.com');
    expect(firstLine(stdout)).toBe(
      'Bob (@bob:example.com) is in #eng:example.com, where no group of hers opens it any more: the map says never to remove anybody.',
    );
  });

  it('says of whom Usher let in, and nobody is in charge of since she was unlinked', async () => {
    const stage = await lookAt();
    const { engineering, bob } = await withPeople(stage);
    expect((await stage.look('unlink', 'bob')).exitCode).toBe(0);
    await stage.provider.removeMembers(engineering, bob);
    await stage.settle();
    expect((await stage.look('link', 'bob', '@bob:example.com')).exitCode).toBe(0);
    await stage.resync();
    const { stdout } = await stage.look('explain', 'bob', '#eng:example.com');
    expect(firstLine(stdout)).toBe(
      'Bob (@bob:example.com) is in #eng:example.com although no group of hers opens it any more: Usher let her in once, and she was unlinked from her account since then.',
    );
  });

  it('tells a moderator from herself', async () => {
    const stage = await lookAt();
    await withPeople(stage);
    await stage.mod.kick(stage.lobby, ANN);
    const bob = await stage.homeserver.person('bob');
    await bob.leave(stage.lobby);
    await stage.resync();
    const kicked = await stage.look('explain', 'ann', '#lobby:example.com');
    expect(firstLine(kicked.stdout)).toMatch(
      /is not in #lobby:example\.com because a moderator, @mod:example\.com, removed her \(found on .* UTC\)\.$/,
    );
    expect(kicked.stdout).toMatch(/Now +out: removed by @mod:example\.com\n/);
    const left = await stage.look('explain', 'bob', '#lobby:example.com');
    expect(firstLine(left.stdout)).toMatch(/because she left by herself \(found on .* UTC\)\.$/);
    expect(left.stdout).toMatch(/Next +nothing: she left by herself, and is not put back until/);
    await stage.mod.ban(stage.lobby, bob.userId);
    const banned = await stage.look('explain', 'bob', '#lobby:example.com');
    expect(firstLine(banned.stdout)).toContain('because a moderator, @mod:example.com, banned her');
  });

  it('knows what a moderator did before a pass has found it', async () => {
    const stage = await lookAt();
    await withPeople(stage);
    await stage.mod.kick(stage.eng, ANN);
    expect(await stage.json('explain', 'ann', '#eng:example.com')).toMatchObject({
      isIn: false,
      membership: 'leave',
      sender: '@mod:example.com',
      next: { kind: 'respected' },
    });
  });

  it('explains a conflict, and what she would get', async () => {
    const stage = await lookAt();
    await stage.homeserver.person('dee');
    await stage.provider.createUser({ userName: 'dee' });
    await stage.settle();
    const { stdout } = await stage.look('explain', '@dee:example.com', '#lobby:example.com');
    expect(firstLine(stdout)).toMatch(
      /^dee is not in #lobby:example\.com, though the entry "\*" opens it: @dee:example\.com exists and is not linked to her\.$/,
    );
    expect(stdout).toMatch(/Account +none yet; it would be @dee:example\.com\n/);
    const all = await stage.look('explain', 'dee');
    expect(firstLine(all.stdout)).toMatch(
      /gets nothing now: @dee:example\.com exists and is not linked to her\.$/,
    );
  });

  it('explains who was deactivated, and who was deleted', async () => {
    const stage = await lookAt();
    const { ann, bob } = await withPeople(stage);
    await stage.provider.putUser(ann, { userName: 'ann', displayName: 'Ann Ant', active: false });
    await stage.provider.deleteUser(bob);
    await stage.settle();
    const inactive = await stage.look('explain', 'ann', '#eng:example.com');
    expect(firstLine(inactive.stdout)).toMatch(
      /is not in #eng:example\.com because the provider deactivated her/,
    );
    expect(inactive.stdout).toMatch(/Account +@ann:example\.com, linked, by Usher: lock\n/);
    const deleted = await stage.look('explain', '@bob:example.com', '#eng:example.com');
    expect(firstLine(deleted.stdout)).toMatch(
      /^@bob:example\.com is not in #eng:example\.com because the provider deleted her: Usher removed her on .* UTC\.$/,
    );
  });

  it('says what will happen, and that everything waits, while the homeserver is down', async () => {
    const stage = await lookAt();
    const { engineering, interns, cem } = await withPeople(stage);
    await stage.homeserver.stop();
    await stage.provider.removeMembers(engineering, interns);
    const { exitCode, stdout } = await stage.look('explain', 'ann', '#eng:example.com');
    expect(exitCode).toBe(0);
    expect(firstLine(stdout)).toMatch(
      /is in #eng:example\.com although no group of hers opens it any more: she is to be removed\.$/,
    );
    expect(stdout).toMatch(/Now +as recorded: joined; the homeserver was not read\n/);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /Next can't be told, everything waits for the homeserver: .*ECONNREFUSED/,
    );
    await stage.close();
    await stage.homeserver.start();
    expect(await stage.json('explain', 'ann', '#eng:example.com')).toMatchObject({
      isIn: true,
      next: {
        kind: 'kick',
        text: expect.stringMatching(
          /^she will be removed as soon as her turn comes \(waiting since .*, marked by PATCH \/Groups/,
        ),
      },
    });
    expect((await stage.json('explain', cem, '#eng:example.com')).next).toEqual({
      kind: 'nothing',
      text: 'nothing: all is as it should be',
    });
  });

  it('tells the attempt and the last error of who is to be joined', async () => {
    const stage = await lookAt();
    const { engineering, cem } = await withPeople(stage);
    await stage.mod.ban(stage.eng, stage.homeserver.bot);
    await stage.mod.setPowerLevels(stage.eng, { users: {}, users_default: 0, invite: 100 });
    await stage.provider.addMembers(engineering, cem);
    await stage.settle();
    const { stdout } = await stage.look('explain', 'cem', '#eng:example.com');
    expect(firstLine(stdout)).toMatch(
      /is not in #eng:example\.com yet: her group Engineering opens it.*the last attempt failed\.$/,
    );
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /Next she will be joined as soon as her turn comes \(waiting since .*, attempt 2 at .*; last error: join/,
    );
  });

  it('shows what is held, and what was rejected', async () => {
    const stage = await lookAt();
    const { ann } = await withPeople(stage);
    const change = {
      kind: 'kick',
      account: ANN,
      roomId: stage.eng,
      userId: ann as never,
      scope: 'map',
      detail: 'remove @ann:example.com',
      since: Date.now(),
      verdict: undefined,
      cause: undefined,
    } as const;
    await stage.beside(async ({ guard }) => {
      await guard.openHold({ scope: 'map', reason: 'the group map was changed', since: Date.now() });
      await guard.hold([change]);
    });
    const { next, holds } = await stage.json('explain', 'ann', '#eng:example.com');
    expect(next).toEqual({
      kind: 'held',
      text: 'held: her removal waits until somebody decides (the group map was changed)',
      steps: [
        { kind: 'approve', command: `usher approve ${holds[0].digest}` },
        { kind: 'reject', command: `usher reject ${holds[0].digest}` },
      ],
    });
    expect((await stage.look('explain', 'ann', '#eng:example.com')).stdout.replaceAll(/\s+/g, ' ')).toContain(
      `(the group map was changed): usher approve ${holds[0].digest}, or usher reject ${holds[0].digest}`,
    );
    await stage.beside((store) => decideNow(store, 'map', 'rejected'));
    const rejected = await stage.json('explain', 'ann', '#eng:example.com');
    expect(rejected.next).toMatchObject({
      kind: 'rejected',
      steps: [{ kind: 'approve', command: expect.stringMatching(/^usher approve [0-9a-f]{8}$/) }],
    });
    expect(rejected.holds).toMatchObject([{ verdict: 'rejected', changes: [{ kind: 'kick' }] }]);
  });

  it('explains a room that the map does not name', async () => {
    const stage = await lookAt();
    await withPeople(stage);
    const other = await stage.mod.createRoom({ alias: 'other' });
    const { stdout } = await stage.look('explain', 'ann', '#other:example.com');
    expect(firstLine(stdout)).toMatch(
      /is not in #other:example\.com because the group map does not name that room\.$/,
    );
    expect(stdout).toContain(`#other:example.com, ${other}; not in the group map`);
  });

  it.each([
    ['anm', '#eng:example.com', /there is no user "anm"\. Did you mean "ann"\?/],
    [
      '@anm:example.com',
      '#eng:example.com',
      /no user has the account "@anm:example\.com"\. Did you mean "@ann:example\.com"\?/,
    ],
    ['ann', '#emg:example.com', /there is no room "#emg:example\.com"\. Did you mean "#eng:example\.com"\?/],
    ['ann', 'eng', /there is no room "eng"\. Did you mean "#eng:example\.com"\?/],
  ])('suggests what %s and %s may mean', async (person, room, message) => {
    const stage = await lookAt();
    await withPeople(stage);
    const { exitCode, stdout, stderr } = await stage.look('explain', person, room);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('suggests a room also while the homeserver is down', async () => {
    const stage = await lookAt();
    await withPeople(stage);
    await stage.homeserver.stop();
    const { stderr } = await stage.look('explain', 'ann', '#emg:example.com');
    expect(stderr).toMatch(
      /Did you mean "#eng:example\.com"\? .* the homeserver could not be asked: .*ECONNREFUSED/,
    );
  });

  it('does not take the rooms of the account in the way for hers', async () => {
    const stage = await lookAt();
    const dee = await stage.homeserver.person('dee');
    await stage.mod.invite(stage.lobby, dee.userId);
    await dee.join(stage.lobby);
    await stage.provider.createUser({ userName: 'dee' });
    await stage.settle();
    expect(await stage.json('explain', 'dee', '#lobby:example.com')).toMatchObject({
      isIn: false,
      membership: 'none',
      next: { kind: 'blocked' },
    });
  });

  it('knows that nobody is removed from a room that was upgraded', async () => {
    const stage = await lookAt();
    await withPeople(stage);
    const next = await stage.mod.upgradeRoom(stage.eng, '12');
    expect(await stage.json('explain', 'ann', next)).toMatchObject({ isIn: false });
    await stage.resync();
    expect(await stage.json('explain', 'ann', '#eng:example.com')).toMatchObject({
      room: { roomId: next },
      isIn: true,
    });
    await stage.beside((store) =>
      store.people.saveEntitlement({
        ...{ account: ANN, roomId: stage.eng, since: Date.now() },
        ...{ state: 'joined', via: ['gone'], mode: 'granted' },
      }),
    );
    const { answer, next: will } = await stage.json('explain', 'ann', stage.eng);
    expect(answer).toMatch(/is in !\S+ although the group map does not name that room any more\.$/);
    expect(will).toEqual({
      kind: 'nothing',
      text: 'nothing: the room was replaced by an upgrade, and nobody is removed from the old one',
    });
  });

  it('shows no control characters of names that others chose', async () => {
    const stage = await lookAt();
    await stage.provider.createUser({ userName: 'eve', displayName: 'Eve\u001b[31m' });
    await stage.settle();
    const { stdout } = await stage.look('explain', 'eve', '#lobby:example.com');
    expect(stdout).toMatch(/^Eve\ufffd\[31m \(@eve:example\.com\) is in/);
  });

  it('asks which of two users of one name is meant', async () => {
    const stage = await lookAt();
    const { ann } = await withPeople(stage);
    await stage.beside((store) => store.users.create('other' as never, { userName: 'Ann' }, Date.now()));
    const { exitCode, stderr } = await stage.look('explain', 'ann');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(new RegExp(`several users "ann".*${ann} \\(default\\).*\\(other\\)`));
  });
});

describe('usher explain PERSON', () => {
  it('lists her rooms, and says more where something is to be said', async () => {
    const stage = await lookAt();
    await withPeople(stage);
    const well = await stage.look('explain', 'ann');
    expect(firstLine(well.stdout)).toBe(
      'Ann Ant (@ann:example.com) is in 2 rooms of 2 that concern her: all is as it should be.',
    );
    expect(well.stdout).toMatch(
      /NOW +ROOM +THROUGH +NEXT\nin +#eng:example\.com +Engineering +nothing\nin +#lobby:example\.com +\* +nothing/,
    );
    await stage.mod.kick(stage.lobby, ANN);
    await stage.resync();
    const { stdout } = await stage.look('explain', 'ann');
    expect(stdout).toMatch(/out +#lobby:example\.com +\* +respected/);
    expect(stdout).toContain('because a moderator, @mod:example.com, removed her');
    expect(await stage.json('explain', 'ann')).toMatchObject({
      person: { account: ANN },
      rooms: [
        { room: { target: '#eng:example.com' }, isIn: true, next: { kind: 'nothing' } },
        { room: { target: '#lobby:example.com' }, isIn: false, next: { kind: 'respected' } },
      ],
    });
  });
});
