import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { linkOf } from '../../support/people.ts';
import { lookAt } from './stage.ts';

/** Dee's name is taken by an account that is linked to nobody. */
async function inConflict() {
  const stage = await lookAt();
  await stage.homeserver.person('dee');
  const dee = await stage.provider.createUser({ userName: 'dee', displayName: 'Dee' });
  const ann = await stage.provider.createUser({ userName: 'ann' });
  await stage.settle();
  return { ...stage, dee, ann };
}

describe('usher link', () => {
  it('shows both, links them, and ends the conflict', async () => {
    const stage = await inConflict();
    const { exitCode, stdout } = await stage.look('link', 'dee', '@dee:example.com', '--yes');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^User +dee, SCIM id ${stage.dee}, source default\n +called +Dee\n`));
    expect(stdout).toMatch(/^Account +@dee:example\.com\n/m);
    expect(stdout).toMatch(/^ {2}state +active, no server admin$/m);
    expect(stdout).toMatch(/Linked dee to @dee:example\.com\. She is looked at within seconds/);
    stage.service.loop.wake();
    await stage.settle();
    await stage.resync();
    expect(await stage.json('explain', 'dee', '#lobby:example.com')).toMatchObject({
      person: { account: '@dee:example.com', isLinked: true },
      isIn: true,
    });
    expect((await stage.look('journal', '--action', 'link')).stdout).toContain(
      'link dee to @dee:example.com',
    );
    expect((await stage.look('link', 'dee', '@dee:example.com')).stdout).toContain(
      'They are linked already.',
    );
  });

  it('ends the conflict of an account that was only half made, as by a homeserver that died', async () => {
    const stage = await inConflict();
    await stage.beside(async (store) => {
      const [item] = await store.people.comingFor('uid-dee');
      if (item === undefined) throw new Error('dee is not there');
      const begun = { externalId: 'uid-dee', isConfirmed: false };
      await store.people.saveLink(linkOf(item.user.id, '@dee:example.com' as never, begun));
    });
    await stage.resync();
    expect((await stage.json('conflicts')).conflicts).toMatchObject([
      { userName: 'dee', code: 'account-taken' },
    ]);
    const { exitCode, stdout } = await stage.look('link', 'dee', '@dee:example.com', '--yes');
    expect(stdout).toContain('Linked dee to @dee:example.com.');
    expect(exitCode).toBe(0);
    stage.service.loop.wake();
    await stage.settle();
    expect((await stage.json('conflicts')).conflicts).toEqual([]);
    expect((await stage.homeserver.homeserver.account('@dee:example.com' as never))?.externalIds).toEqual([
      { provider: 'oidc-idp', id: 'uid-dee' },
    ]);
  });

  it('is no conflict any more before she is looked at', async () => {
    const stage = await inConflict();
    await stage.close();
    expect((await stage.json('conflicts')).conflicts).toMatchObject([{ userName: 'dee', isLinked: false }]);
    await stage.look('link', 'dee', '@dee:example.com', '--yes');
    expect(await stage.json('conflicts')).toEqual({ conflicts: [], others: 0 });
    await stage.beside(async (store) => {
      expect(await store.overview.waiting(stage.dee as never)).toMatchObject({
        attempts: 0,
        cause: 'usher link',
      });
    });
  });

  it('asks, or needs --yes where nobody is there', async () => {
    const stage = await inConflict();
    const { exitCode, stdout, stderr } = await stage.look('link', 'dee', '@dee:example.com');
    expect(exitCode).toBe(2);
    expect(stdout).toContain('@dee:example.com');
    expect(stderr).toContain('--yes');
    expect((await stage.json('explain', 'dee', '#lobby:example.com')).person.isLinked).toBe(false);
  });

  it.each([
    ['y\n', 0, true],
    ['\n', 1, false],
    ['', 1, false],
  ])('links if somebody at the terminal answers %j', async (answer, exitCode, isLinked) => {
    const stage = await inConflict();
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const asked = stage.lookWith({ stdin: () => stdin }, 'link', 'dee', '@dee:example.com');
    stdin.end(answer);
    expect((await asked).exitCode).toBe(exitCode);
    expect((await stage.json('explain', 'dee')).person.isLinked).toBe(isLinked);
  });

  it('warns of an account that the provider linked to somebody else', async () => {
    const stage = await inConflict();
    await stage.homeserver.homeserver.updateAccount('@dee:example.com' as never, {
      externalIds: [{ provider: 'oidc-idp', id: 'somebody' }],
    });
    expect((await stage.look('link', 'dee', '@dee:example.com', '--yes')).stdout).toContain(
      '! The account is linked to somebody at oidc-idp.',
    );
  });

  it('refuses what is not hers to have', async () => {
    const stage = await inConflict();
    await stage.homeserver.admin('root');
    await stage.homeserver.appserviceUser('bridge');
    const refusals: readonly (readonly [string, string, RegExp])[] = [
      ['dee', '@usher:example.com', /is Usher's own account/],
      ['dee', '@root:example.com', /is a server admin/],
      ['dee', '@bridge:example.com', /belongs to an application service/],
      [
        'dee',
        '@ann:example.com',
        /is the account of ann \(SCIM id .*\)\. Unlink it from her before: usher unlink [\w-]+\n$/,
      ],
      [
        'ann',
        '@dee:example.com',
        /has the account @ann:example\.com\. Unlink it from her before: usher unlink [\w-]+\n$/,
      ],
      ['dee', '@dee:elsewhere.org', /is not a Matrix id of this homeserver, such as @ann:example\.com/],
      [
        'dee',
        '@dea:example.com',
        /there is no account "dea"\. Did you mean "dee"\? Accounts are on example\.com\./,
      ],
      ['dea', '@dee:example.com', /there is no user "dea"\. Did you mean "dee"\?/],
    ];
    for (const [user, account, message] of refusals) {
      const { exitCode, stderr } = await stage.look('link', user, account, '--yes');
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(message);
    }
    await stage.homeserver.stop();
    expect((await stage.look('link', 'dee', '@dee:example.com', '--yes')).exitCode).toBe(1);
  });
});

describe('usher unlink', () => {
  it('forgets whose account it is, and says what stays', async () => {
    const stage = await inConflict();
    await stage.close();
    const { exitCode, stdout } = await stage.look('unlink', 'ann');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^Unlinked ann from @ann:example\.com\. Its rooms stay as they are\.\nHer external id uid-ann is on/,
    );
    expect((await stage.look('unlink', 'ann')).stderr).toContain('ann is not linked to any account.');
    await stage.beside(async (store) => {
      expect(await store.people.linksOf('@ann:example.com' as never)).toEqual([]);
      expect(await store.overview.waiting(stage.ann as never)).toMatchObject({ cause: 'usher unlink' });
    });
  });

  it('says that a server admin whom Usher made one stays one', async () => {
    const { provider, settle, close, look } = await lookAt(() => ({ ops: { admin: true } }));
    await provider.createGroup('ops', 'ops', [await provider.createUser({ userName: 'kim' })]);
    await settle();
    expect((await look('explain', 'kim')).stdout).toContain(
      '@kim:example.com, linked, by Usher: server admin',
    );
    expect((await look('groups')).stdout).toMatch(/ops .* server admin$/m);
    await close();
    expect((await look('unlink', 'kim')).stdout).toContain('Usher made it a server admin. It stays one');
  });
});
