import { describe, expect, it } from 'vitest';
import type { Profile } from '../../src/directory/user.ts';
import type { Account, Restriction } from '../../src/matrix/homeserver.ts';
import type { UserId } from '../../src/matrix/ids.ts';
import { planActiveAccount, planInactiveAccount } from '../../src/plan/account.ts';
import { unusablePhoto } from '../../src/plan/account-conflict.ts';
import type { AccountPolicy, AccountView, Ours, Owners } from '../../src/plan/account-view.ts';
import { describeChange } from '../../src/plan/render.ts';

const ANN = '@ann:example.com' as UserId;
const BOT = '@usher:example.com' as UserId;
const OTHER = '@other:example.com' as UserId;
const policy: AccountPolicy = {
  bot: BOT,
  provider: 'oidc-idp',
  existingAccounts: 'refuse',
  isProtected: () => false,
  avatars: true,
};
const adopting: AccountPolicy = { ...policy, existingAccounts: 'adopt' };
const nobody: Owners = { externalId: undefined, email: undefined };
const ours: Ours = {
  externalId: 'x1',
  email: 'ann@example.com',
  restriction: undefined,
  beneath: undefined,
  photo: undefined,
  avatar: undefined,
  isAdmin: false,
};

const ann: Profile = {
  userName: 'ann',
  externalId: 'x1',
  active: true,
  displayName: 'Ann Lee',
  email: 'Ann@example.com',
  photo: undefined,
};

const account: Account = {
  userId: ANN,
  displayName: 'Ann Lee',
  externalIds: [{ provider: 'oidc-idp', id: 'x1' }],
  threepids: [{ medium: 'email', address: 'ann@example.com' }],
  admin: false,
  appservice: false,
  deactivated: false,
  locked: false,
  suspended: false,
  avatarUrl: undefined,
};

const linked = (changes: Partial<Account> = {}, mine: Partial<Ours> = {}): AccountView => ({
  kind: 'linked',
  account: { ...account, ...changes },
  ours: { ...ours, ...mine },
});

function changesOf(view: AccountView, profile = ann, owners: Owners = nobody) {
  const plan = planActiveAccount(view, profile, owners, policy);
  return plan.kind === 'conflict' ? plan.finding.code : plan.changes;
}

describe('account of an active person', () => {
  it('is created with name, e-mail and external id', () => {
    expect(changesOf({ kind: 'free', userId: ANN })).toEqual([
      {
        kind: 'create-account',
        account: ANN,
        profile: {
          displayName: 'Ann Lee',
          externalId: { provider: 'oidc-idp', id: 'x1' },
          email: 'ann@example.com',
        },
      },
    ]);
  });

  it('is made again under the same id when the homeserver lost it', () => {
    expect(changesOf({ kind: 'lost', userId: ANN })).toMatchObject([
      { kind: 'create-account', account: ANN },
    ]);
  });

  it('is left alone when it is right', () => {
    expect(changesOf(linked())).toEqual([]);
  });

  it('gets only what differs', () => {
    expect(changesOf(linked({ displayName: 'Ann' }))).toEqual([
      { kind: 'update-account', account: ANN, update: { displayName: 'Ann Lee' } },
    ]);
  });

  it('keeps external ids of other providers and e-mails that others put there', () => {
    const view = linked(
      {
        externalIds: [{ provider: 'saml', id: 's' }],
        threepids: [
          { medium: 'email', address: 'old@example.com' },
          { medium: 'email', address: 'private@example.org' },
          { medium: 'msisdn', address: '491234' },
        ],
      },
      { email: 'old@example.com' },
    );
    expect(changesOf(view)).toEqual([
      {
        kind: 'update-account',
        account: ANN,
        update: {
          externalIds: [
            { provider: 'saml', id: 's' },
            { provider: 'oidc-idp', id: 'x1' },
          ],
          threepids: [
            { medium: 'email', address: 'private@example.org' },
            { medium: 'msisdn', address: '491234' },
            { medium: 'email', address: 'ann@example.com' },
          ],
        },
      },
    ]);
  });

  it('loses the e-mail that we gave it when the provider has none any more', () => {
    expect(changesOf(linked(), { ...ann, email: undefined })).toEqual([
      { kind: 'update-account', account: ANN, update: { threepids: [] } },
    ]);
  });

  it.each<readonly [string, string, Owners, string, RegExp]>([
    [
      'on another account',
      'ann@example.com',
      { ...nobody, email: OTHER },
      'email-of-another',
      /@other:.*@ann:/,
    ],
    ...[
      'nonsense',
      'ann@',
      '@example.com',
      'a b@example.com',
      'a@b c',
      'a@b@c',
      ' ann@example.com',
      'ann@x ',
    ].map(
      (text) => ['not an address', text, nobody, 'invalid-email', /@ann:example\.com goes without/] as const,
    ),
  ])('goes without an e-mail that is %s (%j), and says so', (_title, email, owners, code, message) => {
    const plan = planActiveAccount({ kind: 'free', userId: ANN }, { ...ann, email }, owners, policy);
    expect(plan).toMatchObject({
      kind: 'settled',
      changes: [{ kind: 'create-account', profile: { email: undefined } }],
      ours: { email: undefined },
      findings: [{ code, blocking: false, account: ANN, message: expect.stringMatching(message) }],
    });
  });

  it.each<
    [string, readonly { medium: string; address: string }[], Partial<Ours>, string | undefined, object[]]
  >([
    [
      'has the e-mail in other letters',
      [{ medium: 'email', address: 'ANN@Example.com' }],
      {},
      'ann@example.com',
      [],
    ],
    [
      'has the e-mail for a telephone number only',
      [{ medium: 'msisdn', address: 'ann@example.com' }],
      {},
      'ann@example.com',
      [
        { medium: 'msisdn', address: 'ann@example.com' },
        { medium: 'email', address: 'ann@example.com' },
      ],
    ],
    [
      'has another e-mail than before, which somebody put there already',
      [
        { medium: 'email', address: 'old@example.com' },
        { medium: 'email', address: 'ann@example.com' },
      ],
      { email: 'old@example.com' },
      'ann@example.com',
      [{ medium: 'email', address: 'ann@example.com' }],
    ],
    [
      'has an e-mail that is not ours, and the provider none',
      [{ medium: 'email', address: 'a@b' }],
      {},
      undefined,
      [],
    ],
    [
      'has lost the e-mail that we gave it',
      [],
      { email: 'ann@example.com' },
      'ann@example.com',
      [{ medium: 'email', address: 'ann@example.com' }],
    ],
  ])('%s', (_title, threepids, mine, email, expected) => {
    const changes = changesOf(linked({ threepids } as Partial<Account>, { email: undefined, ...mine }), {
      ...ann,
      email,
    });
    expect(changes).toEqual(
      expected.length === 0
        ? []
        : [{ kind: 'update-account', account: ANN, update: { threepids: expected } }],
    );
  });

  it.each<[string, Partial<Account>, Profile]>([
    ['has any name while the provider gives none', { displayName: 'x' }, { ...ann, displayName: undefined }],
    [
      'has no external id while the provider gives none',
      { externalIds: [] },
      { ...ann, externalId: undefined },
    ],
  ])('%s', (_title, changes, profile) => {
    expect(changesOf(linked(changes), profile)).toEqual([]);
  });

  it('is told nothing of an e-mail address that nobody gave', () => {
    const plan = planActiveAccount(
      { kind: 'free', userId: ANN },
      { ...ann, email: undefined },
      nobody,
      policy,
    );
    expect(plan).toMatchObject({ findings: [], ours: { email: undefined } });
  });

  it('is made without an external id while the provider gives none', () => {
    const profile = { ...ann, externalId: undefined };
    expect(planActiveAccount({ kind: 'free', userId: ANN }, profile, nobody, policy)).toMatchObject({
      changes: [{ kind: 'create-account', profile: { externalId: undefined } }],
      ours: { externalId: undefined },
    });
    expect(planActiveAccount(linked(), profile, nobody, policy)).toMatchObject({
      kind: 'settled',
      ours: { externalId: undefined },
    });
  });

  it('gets its external id though another provider has the same one for it', () => {
    const saml = { provider: 'saml', id: 'x1' };
    expect(changesOf(linked({ externalIds: [saml] }))).toMatchObject([
      { update: { externalIds: [saml, { provider: 'oidc-idp', id: 'x1' }] } },
    ]);
  });

  it.each<[string, AccountView]>([
    ['made', { kind: 'free', userId: ANN }],
    ['found', { kind: 'found', account }],
    ['linked', linked({}, { restriction: 'lock' })],
  ])('that is %s is remembered with what is ours', (_title, view) => {
    expect(planActiveAccount(view, ann, nobody, policy)).toMatchObject({
      account: ANN,
      ours: { externalId: 'x1', email: 'ann@example.com', restriction: undefined },
    });
  });

  it('is unlocked when she comes back, by whom it was locked', () => {
    expect(changesOf(linked({ locked: true }, { restriction: 'lock' }))).toEqual([
      { kind: 'unrestrict', account: ANN, restriction: 'lock' },
    ]);
  });

  it.each(['deactivate', 'erase'] as const)('works again after our %s', (restriction) => {
    expect(changesOf(linked({ deactivated: true }, { restriction }))).toEqual([
      { kind: 'unrestrict', account: ANN, restriction },
    ]);
  });

  it('is freed of all that an unfinished step may have left', () => {
    const view = linked({ locked: true }, { restriction: 'deactivate', beneath: ['deactivate', 'lock'] });
    expect(changesOf(view)).toEqual([
      { kind: 'unrestrict', account: ANN, restriction: 'deactivate' },
      { kind: 'unrestrict', account: ANN, restriction: 'lock' },
    ]);
  });

  describe('with a photo', () => {
    const photo = 'https://photos.example.com/ann?token=hush';
    const pictured = { ...ann, photo };
    const change = { kind: 'set-avatar', account: ANN, photo, replaces: undefined };
    const avatarUrl = 'mxc://example.com/1';

    it.each<[string, AccountView, readonly object[]]>([
      ['is given the avatar', linked(), [change]],
      [
        'is given the new one in place of ours',
        linked({ avatarUrl }, { photo: 'https://old', avatar: avatarUrl }),
        [{ ...change, replaces: avatarUrl }],
      ],
      ['keeps the avatar that she chose', linked({ avatarUrl }), []],
      [
        'keeps the one that she put in place of ours',
        linked({ avatarUrl }, { photo: 'https://old', avatar: 'mxc://example.com/0' }),
        [],
      ],
      ['has it already', linked({ avatarUrl }, { photo, avatar: avatarUrl }), []],
      ['had it, and took it away', linked({}, { photo, avatar: avatarUrl }), []],
      [
        'lost it by our erasure',
        linked({ deactivated: true }, { photo, avatar: avatarUrl, restriction: 'erase' }),
        [{ kind: 'unrestrict', account: ANN, restriction: 'erase' }, change],
      ],
      ['is found with one of its own', { kind: 'found', account: { ...account, avatarUrl } }, []],
    ])('%s', (_title, view, changes) => {
      expect(changesOf(view, pictured)).toEqual(changes);
    });

    it.each(['free', 'lost'] as const)('is given the avatar when it is made (%s)', (kind) => {
      expect(changesOf({ kind, userId: ANN }, pictured)).toEqual([
        expect.objectContaining({ kind: 'create-account' }),
        change,
      ]);
    });

    it('is left alone while avatars are off', () => {
      const plan = planActiveAccount(linked(), pictured, nobody, { ...policy, avatars: false });
      expect(plan).toMatchObject({ changes: [] });
    });

    it('is spoken of without its address', () => {
      expect(describeChange({ ...change, kind: 'set-avatar', photo })).toBe(
        'set the avatar of @ann:example.com',
      );
    });
  });

  it.each<[string, AccountView]>([
    ['is linked', linked({ locked: true })],
    ['is linked, and was suspended by us', linked({ locked: true }, { restriction: 'suspend' })],
    ['is found', { kind: 'found', account: { ...account, locked: true } }],
  ])('keeps the lock that an admin put on it, and somebody is told: %s', (_title, view) => {
    const plan = planActiveAccount(view, ann, nobody, policy);
    expect(plan).toMatchObject({
      kind: 'settled',
      findings: [
        {
          code: 'account-locked',
          blocking: false,
          account: ANN,
          message: expect.stringMatching(
            /^@ann:example\.com was locked by somebody else\. Unlock it in Synapse \(in MAS, if there is one\)/,
          ),
        },
      ],
    });
    expect(plan.kind === 'settled' && plan.changes).not.toContainEqual(
      expect.objectContaining({ kind: 'unrestrict', restriction: 'lock' }),
    );
  });

  it('that is locked by us, or not at all, is nothing to tell of', () => {
    for (const view of [linked(), linked({ locked: true }, { restriction: 'lock' })]) {
      expect(planActiveAccount(view, ann, nobody, policy)).toMatchObject({ findings: [] });
    }
    expect(planActiveAccount({ kind: 'free', userId: ANN }, ann, nobody, policy)).toMatchObject({
      findings: [],
    });
  });

  it('whose photo can not be used says why, and keeps nobody from anything', () => {
    expect(unusablePhoto(ANN, 'it is too large')).toEqual({
      code: 'photo-unusable',
      blocking: false,
      account: ANN,
      roomId: undefined,
      message: expect.stringMatching(/@ann:example\.com: it is too large\. /),
    });
  });

  it.each<[string, AccountView, string]>([
    ['the bot', linked({ userId: BOT }), 'protected-account'],
    ['a server admin', linked({ admin: true }), 'protected-account'],
    ['an appservice user', { kind: 'found', account: { ...account, appservice: true } }, 'protected-account'],
    [
      'an account linked to nobody',
      { kind: 'taken', account: { ...account, externalIds: [] } },
      'account-taken',
    ],
    [
      'one linked to another person since',
      linked({ externalIds: [{ provider: 'oidc-idp', id: 'x9' }] }),
      'account-relinked',
    ],
    ['one deactivated by hand', linked({ deactivated: true }), 'account-deactivated'],
    ['a name that is reserved', { kind: 'reserved', userId: ANN }, 'name-reserved'],
    ['a name that can not be', { kind: 'impossible', reason: 'only digits' }, 'no-account-name'],
    ['one of the settings', { kind: 'found', account: { ...account, userId: OTHER } }, 'protected-account'],
  ])('is a conflict when it is %s', (_title, view, code) => {
    const plan = planActiveAccount(view, ann, nobody, { ...policy, isProtected: (who) => who === OTHER });
    expect(plan).toMatchObject({ kind: 'conflict', finding: { code, blocking: true, roomId: undefined } });
  });

  it.each<[AccountView, Owners, RegExp]>([
    [linked({ userId: BOT }), nobody, /^@usher:example\.com is Usher's own account/],
    [linked({ admin: true }), nobody, /^@ann:example\.com is a server admin/],
    [linked({ appservice: true }), nobody, /^@ann:example\.com belongs to an application service/],
    [linked({ userId: OTHER }), nobody, /^@other:example\.com is named by PROTECTED_USERS/],
    [{ kind: 'taken', account: { ...account, externalIds: [] } }, nobody, /^@ann:.*EXISTING_ACCOUNTS=adopt/],
    [
      linked({ externalIds: [{ provider: 'oidc-idp', id: 'x9' }] }),
      nobody,
      /^@ann:.* of oidc-idp\. Unlink it/,
    ],
    [linked({ deactivated: true }), nobody, /^@ann:.*Reactivate it/],
    [{ kind: 'reserved', userId: ANN }, nobody, /^@ann:.*LOCALPART/],
    [linked(), { ...nobody, externalId: OTHER }, /@other:.*@ann:.*Unlink/],
  ])('that is in conflict is named, with what can be done: %#', (view, owners, message) => {
    const plan = planActiveAccount(view, ann, owners, { ...policy, isProtected: (who) => who === OTHER });
    const target = 'account' in view ? view.account.userId : ANN;
    expect(plan).toMatchObject({
      kind: 'conflict',
      finding: { account: target, message: expect.stringMatching(message) },
    });
  });

  it('that can have no name is nobody yet, and the reason is told', () => {
    expect(planActiveAccount({ kind: 'impossible', reason: 'only digits' }, ann, nobody, policy)).toEqual({
      kind: 'conflict',
      finding: {
        code: 'no-account-name',
        blocking: true,
        account: undefined,
        roomId: undefined,
        message: expect.stringContaining('only digits'),
      },
    });
  });

  it('may have her external id already, and the e-mail, without a conflict', () => {
    const plan = planActiveAccount(linked(), ann, { externalId: ANN, email: ANN }, policy);
    expect(plan).toMatchObject({ kind: 'settled', changes: [], findings: [] });
  });

  it.each<[string, AccountView, Profile]>([
    [
      'the provider gives her another external id than before',
      linked({ externalIds: [{ provider: 'oidc-idp', id: 'x1' }] }),
      { ...ann, externalId: 'x2' },
    ],
    [
      'the same id is of another provider',
      linked({ externalIds: [{ provider: 'saml', id: 'x9' }] }),
      { ...ann, externalId: 'x2' },
    ],
    [
      'the provider gives her none',
      linked({ externalIds: [{ provider: 'oidc-idp', id: 'x9' }] }),
      { ...ann, externalId: undefined },
    ],
    ['our deactivation is on it', linked({ deactivated: true }, { restriction: 'deactivate' }), ann],
    ['we made it a server admin', linked({ admin: true }, { isAdmin: true }), ann],
    ['our erasure is on it', linked({ deactivated: true }, { restriction: 'erase' }), ann],
  ])('is no conflict when %s', (_title, view, profile) => {
    expect(planActiveAccount(view, profile, nobody, policy).kind).toBe('settled');
  });

  it.each([
    ['our lock', 'lock'],
    ['our suspension', 'suspend'],
  ] as const)('is a conflict when it was deactivated by hand over %s', (_title, restriction) => {
    expect(changesOf(linked({ deactivated: true }, { restriction }))).toBe('account-deactivated');
  });

  it('changes its external id with the provider, and keeps those that are not ours', () => {
    const view = linked({
      externalIds: [
        { provider: 'oidc-idp', id: 'x1' },
        { provider: 'saml', id: 'x1' },
      ],
    });
    const plan = planActiveAccount(view, { ...ann, externalId: 'x2' }, nobody, policy);
    expect(plan).toMatchObject({
      changes: [
        {
          update: {
            externalIds: [
              { provider: 'saml', id: 'x1' },
              { provider: 'oidc-idp', id: 'x2' },
            ],
          },
        },
      ],
      ours: { externalId: 'x2' },
    });
  });

  it('is a conflict when her external id is on another account', () => {
    expect(changesOf({ kind: 'lost', userId: ANN }, ann, { ...nobody, externalId: OTHER })).toBe(
      'external-id-of-another',
    );
  });

  it('is adopted with its name and linked, when the setting says so', () => {
    const view: AccountView = { kind: 'taken', account: { ...account, externalIds: [] } };
    expect(planActiveAccount(view, ann, nobody, adopting)).toMatchObject({
      changes: [{ kind: 'update-account', update: { externalIds: [{ provider: 'oidc-idp', id: 'x1' }] } }],
    });
  });

  it('is never adopted from another person of the same provider', () => {
    const view: AccountView = {
      kind: 'taken',
      account: { ...account, externalIds: [{ provider: 'oidc-idp', id: 'x9' }] },
    };
    expect(planActiveAccount(view, ann, nobody, adopting)).toMatchObject({
      finding: { code: 'account-relinked' },
    });
  });
});

describe('account of somebody who is gone', () => {
  const plan = (changes: Partial<Account>, mine: Partial<Ours>, restriction: Restriction | undefined) =>
    planInactiveAccount({ ...account, ...changes }, { ...ours, ...mine }, restriction, policy);

  it('is locked, and we remember that it was us', () => {
    expect(plan({ admin: true }, { isAdmin: true }, 'lock')).toMatchObject({ ours: { restriction: 'lock' } });
    expect(plan({}, {}, 'lock')).toMatchObject({
      changes: [{ kind: 'restrict', restriction: 'lock' }],
      ours: { restriction: 'lock' },
    });
  });

  it('is locked again when somebody unlocked it', () => {
    expect(plan({ locked: false }, { restriction: 'lock' }, 'lock')).toMatchObject({
      changes: [{ kind: 'restrict' }],
    });
  });

  it.each([
    ['the setting says nothing', {}, {}, undefined],
    ['it is locked by us already', { locked: true }, { restriction: 'lock' as const }, 'lock' as const],
    ['an admin locked it', { locked: true }, {}, 'lock' as const],
    ['it is deactivated', { deactivated: true }, {}, 'lock' as const],
  ])('is left alone when %s', (_title, changes, mine, restriction) => {
    expect(plan(changes, mine, restriction)).toMatchObject({ changes: [], ours: { ...ours, ...mine } });
  });

  it.each<[string, Partial<Account>, Partial<Ours>, Restriction, readonly [string, Restriction][]]>([
    [
      'the stronger takes the place of the weaker',
      { suspended: true },
      { restriction: 'suspend' },
      'lock',
      [
        ['restrict', 'lock'],
        ['unrestrict', 'suspend'],
      ],
    ],
    [
      'an erasure comes on top of a deactivation',
      { deactivated: true },
      { restriction: 'deactivate' },
      'erase',
      [['restrict', 'erase']],
    ],
    ['the weaker comes too late', { locked: true }, { restriction: 'lock' }, 'suspend', []],
    ['it is erased', { deactivated: true }, { restriction: 'erase' }, 'erase', []],
    [
      'an erasure was begun',
      { deactivated: true },
      { restriction: 'erase', beneath: [] },
      'erase',
      [['restrict', 'erase']],
    ],
    [
      'a step was begun',
      { locked: true, deactivated: true },
      { restriction: 'deactivate', beneath: ['lock'] },
      'deactivate',
      [
        ['restrict', 'deactivate'],
        ['unrestrict', 'lock'],
      ],
    ],
    [
      'a step was begun, and was refused',
      { locked: true },
      { restriction: 'lock', beneath: ['lock'] },
      'lock',
      [['restrict', 'lock']],
    ],
  ])('goes on when %s', (_title, changes, mine, restriction, expected) => {
    expect(plan(changes, mine, restriction)).toMatchObject({
      changes: expected.map(([kind, each]) => ({ kind, restriction: each })),
    });
  });

  it.each<[Partial<Account>, Restriction, boolean]>([
    [{ suspended: true }, 'suspend', true],
    [{ locked: true }, 'suspend', false],
    [{ suspended: true }, 'lock', false],
    [{ locked: true, suspended: true }, 'deactivate', false],
    [{ deactivated: true }, 'deactivate', true],
    [{ deactivated: true }, 'suspend', true],
    [{ deactivated: true }, 'erase', false],
  ])('that somebody else restricted, %j, needs no %s: %s', (changes, restriction, isEnough) => {
    expect(plan(changes, {}, restriction)).toMatchObject({
      kind: 'settled',
      account: ANN,
      changes: isEnough ? [] : [{ kind: 'restrict', account: ANN, restriction }],
      ours: { restriction: isEnough ? undefined : restriction },
      findings: [],
    });
  });

  it('is never locked when it is a server admin', () => {
    expect(plan({ admin: true }, {}, 'lock')).toMatchObject({
      kind: 'conflict',
      finding: { code: 'protected-account' },
    });
  });
});
