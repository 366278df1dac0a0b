import { describe, expect, it } from 'vitest';
import type { Profile } from '../../src/directory/user.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import { createAccountFinder } from '../../src/reconcile/account-finder.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { ACCOUNT } from '../support/people-desk.ts';

const ID = { provider: 'oidc', id: 'e' };
const profile = (rest: Partial<Profile> = {}): Profile => ({
  ...{ userName: 'ann', externalId: undefined, active: true, displayName: undefined, email: undefined },
  ...{ photo: undefined, ...rest },
});
const FREE = { kind: 'free', userId: ACCOUNT } as const;

/** A homeserver where Bob has the account `hers` (by external id and e-mail), and there may be one called `ann`. */
async function accounts({ hasAnn = false, faults = {} as Partial<Homeserver> } = {}) {
  const { world, homeserver } = await startSimulated({ via: 'port' });
  const hers = world.register('hers');
  const email = { medium: 'email', address: 'ann@x.org' };
  world.putAccount(hers, { externalIds: [ID], threepids: [email] });
  if (hasAnn) world.register('ann');
  const policy = { provider: 'oidc', localpart: '{userName}', serverName: 'usher.test' };
  const finder = createAccountFinder({ ...homeserver, ...faults }, policy);
  return { ...finder, hers, world, account: async (id = hers) => (await homeserver.account(id)) as never };
}

const rejecting = (error: unknown) => async () => {
  throw error;
};

describe('the account of somebody', () => {
  it('is that with her external id, whatever its name', async () => {
    const { find, findLinked, account } = await accounts({ hasAnn: true });
    const found = { kind: 'found', account: await account() };
    expect(await findLinked(profile({ externalId: 'e' }))).toEqual(found);
    expect(await find(profile({ externalId: 'e' }))).toEqual(found);
  });

  it('is not known by an external id that she does not have, or that no account has', async () => {
    const { findLinked } = await accounts({ hasAnn: true });
    expect(await findLinked(profile())).toBeUndefined();
    expect(await findLinked(profile({ externalId: 'other' }))).toBeUndefined();
  });

  it('is not that of which only the external id is left', async () => {
    const { findLinked, find } = await accounts({ faults: { account: async () => undefined } });
    expect(await findLinked(profile({ externalId: 'e' }))).toBeUndefined();
    expect(await find(profile({ externalId: 'e' }))).toEqual(FREE);
  });

  it('is else the one that has her name already, or that is yet to be made', async () => {
    const taken = await accounts({ hasAnn: true });
    expect(await taken.find(profile({ externalId: 'other' }))).toEqual({
      ...{ kind: 'taken', account: await taken.account(ACCOUNT) },
    });
    const { find } = await accounts();
    expect(await find(profile({ externalId: 'other' }))).toEqual(FREE);
    expect(await find(profile({ userName: 'bridge_ann' }))).toEqual({
      ...{ kind: 'reserved', userId: '@bridge_ann:usher.test' },
    });
  });

  it('is none when there can be no such name', async () => {
    const { find } = await accounts();
    expect(await find(profile({ userName: '123' }))).toEqual({
      ...{ kind: 'impossible', reason: '"123" has only digits, which Synapse keeps for guests' },
    });
  });

  it('is none when the homeserver takes no such name, in its own words', async () => {
    const refused = new HomeserverError('refused', 'Not a name. Nor nice.');
    const { find } = await accounts({ faults: { isNameFree: rejecting(refused) } });
    expect(await find(profile())).toEqual({
      ...{ kind: 'impossible', reason: '@ann:usher.test: Not a name. Nor nice' },
    });
    const plain = new HomeserverError('refused', 'Not a name');
    const other = await accounts({ faults: { isNameFree: rejecting(plain) } });
    expect(await other.find(profile())).toMatchObject({ reason: '@ann:usher.test: Not a name' });
  });

  it.each([
    new HomeserverError('unavailable', 'down'),
    new HomeserverError('failed', 'broke off'),
    Object.assign(new Error('not of the homeserver'), { kind: 'refused' }),
  ])('is not known when the homeserver does not say (%s)', async (error) => {
    const { find } = await accounts({ faults: { isNameFree: rejecting(error) } });
    await expect(find(profile())).rejects.toBe(error);
  });
});

describe('who has what she is to get', () => {
  const wanted = profile({ externalId: 'e', email: 'Ann@x.org' });
  const NOBODY = { externalId: undefined, email: undefined };

  it('is looked up by the external id and the e-mail that her account does not have', async () => {
    const { owners, hers, account } = await accounts({ hasAnn: true });
    const own = { kind: 'taken', account: await account(ACCOUNT) } as const;
    expect(await owners(own, wanted)).toEqual({ externalId: hers, email: hers });
    expect(await owners({ kind: 'lost', userId: ACCOUNT }, wanted)).toEqual({
      externalId: hers,
      email: hers,
    });
  });

  it('is nobody for what nobody has', async () => {
    const { owners } = await accounts();
    const other = profile({ externalId: 'other', email: 'other@x.org' });
    expect(await owners({ kind: 'lost', userId: ACCOUNT }, other)).toEqual(NOBODY);
  });

  it('is not asked of what her account has already', async () => {
    const { owners, account } = await accounts();
    expect(await owners({ kind: 'found', account: await account() }, wanted)).toEqual(NOBODY);
  });

  it('is not asked of the external id for a name that is free, since that was looked for before', async () => {
    const { owners, hers } = await accounts();
    expect(await owners(FREE, wanted)).toEqual({ externalId: undefined, email: hers });
  });

  it('is not asked of what she does not have, nor of an e-mail address that is none', async () => {
    const asked = async () => ACCOUNT;
    const faults = { accountByEmail: asked, accountByExternalId: asked };
    const { owners } = await accounts({ faults });
    const lost = { kind: 'lost', userId: ACCOUNT } as const;
    expect(await owners(lost, profile())).toEqual(NOBODY);
    expect(await owners(lost, profile({ email: 'ann' }))).toEqual(NOBODY);
    expect(await owners(lost, wanted)).toEqual({ externalId: ACCOUNT, email: ACCOUNT });
  });
});
