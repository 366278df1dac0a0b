import { describe, expect, it } from 'vitest';
import type { Profile } from '../../src/directory/user.ts';
import type { Account, Restriction } from '../../src/matrix/homeserver.ts';
import type { UserId } from '../../src/matrix/ids.ts';
import { planActiveAccount, planInactiveAccount } from '../../src/plan/account.ts';
import type { AccountPolicy, Ours } from '../../src/plan/account-view.ts';
import { describeChange } from '../../src/plan/render.ts';

const ANN = '@ann:example.com' as UserId;
const nobody = { externalId: undefined, email: undefined };
const policy: AccountPolicy = {
  ...{ bot: '@usher:example.com' as UserId, provider: 'idp', existingAccounts: 'refuse', avatars: true },
  isProtected: () => false,
};
const ann: Profile = {
  ...{ userName: 'ann', externalId: 'x1', active: true, displayName: 'Ann Lee' },
  ...{ email: 'ann@example.com', photo: 'https://idp.example.com/ann.png' },
};
const stranded: Account = {
  ...{ userId: ANN, displayName: 'ann', avatarUrl: 'mxc://example.com/hers' },
  ...{ externalIds: [], threepids: [], admin: false, appservice: false },
  ...{ deactivated: false, locked: false, suspended: false, isStranded: true },
};
const ours: Ours = {
  ...{ externalId: 'x1', email: undefined, restriction: undefined, beneath: undefined },
  ...{ photo: undefined, avatar: undefined, isAdmin: false },
};
const wayIn = {
  kind: 'create-account',
  account: ANN,
  profile: {
    displayName: 'Ann Lee',
    externalId: { provider: 'idp', id: 'x1' },
    email: 'ann@example.com',
    adopts: true,
  },
};

describe('an account that nobody can sign in to', () => {
  it('is reported as such when it has the name that a person would have', () => {
    const plan = planActiveAccount({ kind: 'taken', account: stranded }, ann, nobody, policy);
    expect(plan).toMatchObject({
      kind: 'conflict',
      finding: { code: 'account-stranded', blocking: true, account: ANN },
    });
  });

  it('becomes hers where existing accounts are adopted, and keeps the avatar that is on it', () => {
    const adopting: AccountPolicy = { ...policy, existingAccounts: 'adopt' };
    const plan = planActiveAccount({ kind: 'taken', account: stranded }, ann, nobody, adopting);
    expect(plan).toMatchObject({ kind: 'settled', changes: [wayIn] });
  });

  it('gets a way in when it is hers by what was decided before', () => {
    const plan = planActiveAccount({ kind: 'linked', account: stranded, ours }, ann, nobody, policy);
    expect(plan).toMatchObject({ kind: 'settled', changes: [wayIn], ours: { email: 'ann@example.com' } });
    const words = plan.kind === 'settled' ? plan.changes.map(describeChange) : [];
    expect(words).toEqual([`make a way in to ${ANN}, which nobody can sign in to`]);
  });

  it('is not touched when a server admin has it', () => {
    const view = { kind: 'linked', account: { ...stranded, admin: true }, ours } as const;
    expect(planActiveAccount(view, ann, nobody, policy)).toMatchObject({
      kind: 'conflict',
      finding: { code: 'protected-account' },
    });
  });

  it.each<Restriction>(['suspend', 'lock', 'deactivate', 'erase'])(
    'needs no %s when she leaves, whatever was begun before',
    (restriction) => {
      const begun: Ours = { ...ours, beneath: ['lock'] };
      expect(planInactiveAccount(stranded, begun, restriction, policy)).toMatchObject({
        kind: 'settled',
        changes: [],
      });
    },
  );
});
