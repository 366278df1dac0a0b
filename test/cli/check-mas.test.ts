import { describe, expect, it } from 'vitest';
import { checkKeptToken } from '../../src/cli/check-mas/bot.ts';
import { ACCESS, urlOfPlain } from '../support/check-mas/access-cases.ts';
import { ACCOUNTS } from '../support/check-mas/account-cases.ts';
import { BOT } from '../support/check-mas/bot-cases.ts';
import { PROVIDER } from '../support/check-mas/provider-cases.ts';
import { byHand, check, REST, startSoundMas, troubles } from '../support/check-mas/stage.ts';
import { startUsher } from '../support/usher.ts';

describe('usher check with MAS', () => {
  it('is content where all is well', async () => {
    const homeserver = await startSoundMas();
    const running = await startUsher(homeserver, {});
    await running.provider.createUser({ userName: 'ann', externalId: 'sub-ann' });
    await running.settle();
    await running.close();
    const { exitCode, findings } = await check(homeserver, {}, `${running.dataDir}/..`);
    expect(findings.map((each) => each.slice(0, 4))).toEqual(findings.map(() => 'ok  '));
    expect(findings.slice(5)).toEqual([
      'ok    sign-in: the homeserver leaves it to https://auth.example/ (Matrix Authentication Service)',
      'ok    MAS_CLIENT_ID: CLIENT may use the admin API of MAS',
      'ok    MAS: 1.22.0 at http://mas:8081; it can do all that Usher needs',
      'ok    MAS_UPSTREAM_PROVIDER_ID: PROVIDER (IdP, issuer https://idp.example/) is enabled',
      'ok    self-service: people can not delete their accounts in MAS, nor change names and e-mail addresses',
      'ok    ON_DEACTIVATE: lock: no new sign-in; a client that Synapse knows goes on for up to two minutes, then it signs out, and key backup alone brings its keys back',
      'ok    ON_DELETE: lock: no new sign-in; a client that Synapse knows goes on for up to two minutes, then it signs out, and key backup alone brings its keys back',
      'ok    subjects: nobody has a link that Usher did not make, so there is nothing to compare with the externalId',
      'ok    bot: MAS knows @usher:usher.test',
      'ok    homeserver: Synapse 1.163.2 at http://synapse:8008',
      'ok    token: belongs to @usher:usher.test, a server admin',
      'ok    accounts: of 2 users of MAS, Synapse knows each',
      'ok    accounts: of 2 accounts of Synapse, none is stranded',
    ]);
    expect(exitCode).toBe(0);
  });

  it.each([...ACCESS, ...PROVIDER, ...BOT, ...ACCOUNTS])(
    'says what is wrong: $title',
    async ({ options, spoil, said }) => {
      const homeserver = await startSoundMas(options);
      const checked = await check(homeserver, await spoil(homeserver));
      expect(troubles(checked)).toEqual(said);
      expect(checked.exitCode).toBe(said.some((each) => each.startsWith('FAIL')) ? 1 : 0);
    },
  );

  it('says kindly that there is no token yet, with all that can be told without one', async () => {
    const checked = await check(await startSoundMas(), { MATRIX_ADMIN_USER_ID: '@scim:usher.test' });
    expect(checked.findings.slice(-3)).toEqual([
      'ok    bot: MAS has no user for @scim:usher.test yet; Usher makes it at its start',
      'ok    token: there is none for Synapse yet; Usher gets one from MAS when the service starts',
      `warn  not looked at: the rest of MAS and Synapse, and the rooms of the group map
      it means: more may be wrong than is said here.
      to do:    start Usher once (with DRY_RUN=true it changes nothing else), and run this again.`,
    ]);
    expect(checked.exitCode).toBe(0);
  });

  it('says so if the token that Usher keeps is not accepted, or is of another bot', async () => {
    let passedMs = 0;
    const homeserver = await startSoundMas({ now: () => Date.now() + passedMs });
    const running = await startUsher(homeserver, {});
    await running.settle();
    await running.close();
    const folder = `${running.dataDir}/..`;
    expect(troubles(await check(homeserver, { MATRIX_ADMIN_USER_ID: '@scim:usher.test' }, folder))).toEqual([
      `FAIL  token: the token for Synapse that Usher keeps in DATA_DIR belongs to @usher:usher.test, MATRIX_ADMIN_USER_ID is @scim:usher.test
      it means: Usher would not know its own work from that of others, and does nothing.
      to do:    if MATRIX_ADMIN_USER_ID is right, remove synapse-token.json from DATA_DIR while Usher does not run: it gets another one at its start.`,
      REST,
    ]);
    const { personalSessions } = homeserver.mas;
    for (const session of personalSessions.all()) personalSessions.revoke(session);
    passedMs = 121_000;
    expect(troubles(await check(homeserver, {}, folder))).toEqual([
      `FAIL  token: the token for Synapse that Usher keeps in DATA_DIR is not accepted
      it means: Usher can do nothing; what identity providers push is kept until then.
      to do:    start Usher, which gets another one by itself. If it runs, wait two minutes: for so long Synapse goes by what MAS said of a token before.`,
      REST,
    ]);
  });

  it('takes a token that has expired for none', () => {
    const kept = { sessionId: 'S', token: 'mpt_x', issuedAt: 1, expiresAt: 5 };
    const checkAt = (now: number) => [...checkKeptToken({ read: () => kept }, now)];
    expect(checkAt(4)).toEqual([]);
    expect(checkAt(5)).toMatchObject([{ level: 'ok', found: expect.stringContaining('has expired') }]);
  });

  it.each([
    ['1.17.0', '1.17.0 at http://mas:8081; display names are given by Synapse, which is as good'],
    [
      '1.4.0',
      '1.4.0 at http://mas:8081; it gives Usher no token for Synapse, so that MATRIX_ADMIN_TOKEN is needed',
    ],
    [
      '1.2.0',
      'between 0.20 and 1.2 at http://mas:8081; it gives Usher no token for Synapse, so that MATRIX_ADMIN_TOKEN is needed, and MAS_UPSTREAM_PROVIDER_ID; it does not tell for which homeserver it is',
    ],
  ])('is content with MAS %s, and says what it can', async (version, said) => {
    const homeserver = await startSoundMas({ version });
    const checked = await check(homeserver, byHand(homeserver));
    expect(checked.findings).toContain(`ok    MAS: ${said}`);
    expect(troubles(checked)).toEqual([]);
  });

  it('believes MATRIX_AUTH where the homeserver does not tell who signs people in', async () => {
    const homeserver = await startSoundMas();
    const behindProxy = { MATRIX_URL: await urlOfPlain(), MATRIX_AUTH: 'mas' };
    const { findings } = await check(homeserver, behindProxy);
    expect(findings[3]).toBe(
      'ok    sign-in: by the Matrix Authentication Service, as MATRIX_AUTH says; the homeserver itself does not tell',
    );
    // Nor does it tell where tokens are given out.
    expect(findings[4]).toMatch(
      /^FAIL {2}MAS_URL: the admin API is there, .*: POST \/oauth2\/token: answered 404 /,
    );
  });

  it('says what each step of the ladder does to sessions and keys', async () => {
    const homeserver = await startSoundMas();
    const ladders = { ON_DEACTIVATE: 'suspend, deactivate after 30d, erase after 90d', ON_DELETE: 'nothing' };
    const { findings } = await check(homeserver, { ...byHand(homeserver), ...ladders });
    expect(findings.filter((each) => each.includes(' ON_D'))).toEqual([
      'ok    ON_DEACTIVATE: suspend: she reads on and sends nothing; sessions and keys stay. deactivate: all sessions end at once, with devices, keys and e-mail addresses. erase: as deactivate, and newcomers to her rooms do not see what she wrote; that does not come back',
      'ok    ON_DELETE: nothing: accounts stay as they are',
    ]);
  });

  it('is content with the provider by its issuer, with or without a slash at its end', async () => {
    const homeserver = await startSoundMas();
    const env = { ...byHand(homeserver), MAS_UPSTREAM_PROVIDER_ID: '' };
    for (const issuer of ['https://idp.example', 'https://idp.example/']) {
      const { findings } = await check(homeserver, { ...env, MAS_UPSTREAM_ISSUER: issuer });
      expect(findings).toContain(
        'ok    MAS_UPSTREAM_ISSUER: PROVIDER (IdP, issuer https://idp.example/) is enabled',
      );
    }
  });

  it('changes nothing', async () => {
    const homeserver = await startSoundMas();
    const { mas, request } = homeserver;
    const state = async () => ({
      users: mas.users.all(),
      links: mas.upstream.links(),
      sessions: mas.personalSessions.all(),
      accounts: await request('GET', '/_synapse/admin/v2/users?guests=false&locked=true&deactivated=true'),
    });
    const before = structuredClone(await state());
    await check(homeserver, { MATRIX_ADMIN_USER_ID: '@scim:usher.test' });
    await check(homeserver, byHand(homeserver));
    expect(await state()).toEqual(before);
  });
});
