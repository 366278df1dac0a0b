import { describe, expect, it } from 'vitest';
import type { AccountLink } from '../../src/store/store.ts';
import { ANN, at, codesOf, PROVIDER, plannerDesk } from '../support/planner-desk.ts';

const MAP = { root: { admin: true } };
const REVOKE = { kind: 'revoke-admin', account: ANN, roomId: undefined } as const;

/** Ann is a server admin by us, in no group, and was let into a room; the keeper is one by hand. */
async function formerAdmin(link: Partial<AccountLink> = {}) {
  const desk = await plannerDesk();
  const { account, person, entitle, stand, eng } = desk;
  account('keeper', { admin: true });
  account('ann', { admin: true });
  const { id } = await person('ann', { externalId: 'e' }, { isAdmin: true, ...link });
  stand(eng, 'join');
  await entitle(eng);
  return { ...desk, id };
}

describe('the right of a server admin', () => {
  it('is reason enough for an account, where only who is in the map has one', async () => {
    const { plan, user, group, changesOf } = await plannerDesk();
    const id = await user('ann');
    const policy = { provision: 'mapped' } as const;
    await group('root', id);
    expect(changesOf(await plan(id, { policy }))).toEqual([]);
    const made = await plan(id, { policy, map: MAP });
    expect(changesOf(made)).toEqual(['create-account', 'grant-admin']);
    expect(made.links).toMatchObject([{ isAdmin: true }]);
    expect(made.linksNow).toMatchObject([{ isAdmin: false }]);
  });

  it('is given anew with an account that is made anew', async () => {
    const { plan, person, group, changesOf } = await plannerDesk();
    const { id } = await person('ann', {}, { isAdmin: true });
    await group('root', id);
    const made = await plan(id, { map: MAP });
    expect(changesOf(made)).toEqual(['create-account', 'grant-admin']);
    expect(made.linksNow).toMatchObject([{ isAdmin: false }]);
  });

  it('is taken first, then the room', async () => {
    const { plan, id, changesOf } = await formerAdmin();
    const made = await plan(id, { map: MAP });
    expect(changesOf(made)[0]).toBe('revoke-admin');
    expect(changesOf(made)).toContain('kick eng');
    expect(made.links).toMatchObject([{ isAdmin: false }]);
    expect(made.isDecided(REVOKE)).toBe(true);
  });

  it('is kept by who shares the account and has a group that gives it', async () => {
    const { plan, id, person, group, changesOf } = await formerAdmin();
    const other = await person('ann2', {}, { account: ANN });
    await group('root', other.id);
    const made = await plan(id, { map: MAP });
    expect(changesOf(made)).not.toContain('revoke-admin');
    expect(made.links.map(({ isAdmin }) => isAdmin)).toEqual([true, true]);
  });

  it('is taken also from who can’t have her account any more', async () => {
    const { plan, id, world, changesOf } = await formerAdmin();
    world.putAccount(ANN, { externalIds: [{ provider: PROVIDER, id: 'stranger' }] });
    const made = await plan(id, { map: MAP });
    expect(codesOf(made)).toEqual(['account-relinked']);
    expect(changesOf(made)).toEqual(['revoke-admin', 'kick eng']);
    expect(made.isDecided(REVOKE)).toBe(true);
  });

  it('is left to who is protected by the settings by now', async () => {
    const { plan, id, changesOf } = await formerAdmin();
    const made = await plan(id, { map: MAP, policy: { isProtected: (user) => user === ANN } });
    expect([changesOf(made), codesOf(made)]).toEqual([[], ['protected-account']]);
  });

  it('of the last one stays, with the use of her account; her rooms do not', async () => {
    const { plan, id, world, change, changesOf } = await formerAdmin();
    world.putAccount(at('keeper'), { locked: true });
    await change(id, { active: false });
    const made = await plan(id, { map: MAP });
    expect(changesOf(made)).toEqual(['kick eng']);
    expect(made.findings).toMatchObject([{ code: 'last-admin', blocking: true, account: ANN }]);
    expect(made.links).toMatchObject([{ isAdmin: true, restriction: undefined }]);
  });

  it('of the last one stays, and what is of use to her is done', async () => {
    const { plan, id, world, change, changesOf } = await formerAdmin();
    world.putAccount(at('keeper'), { admin: false });
    await change(id, { displayName: 'Ann Lee' });
    const made = await plan(id, { map: MAP });
    expect(changesOf(made)).toEqual(['kick eng', 'update-account']);
    expect(codesOf(made)).toEqual(['last-admin']);
  });

  it('is not asked of the homeserver where nobody loses it', async () => {
    const { plan, person, group, account, changesOf } = await plannerDesk();
    account('ann');
    const { id } = await person('ann');
    await group('root', id);
    const faults = { admins: () => Promise.reject(new Error('was asked')) };
    expect(changesOf(await plan(id, { map: MAP, faults }))).toContain('grant-admin');
  });
});
