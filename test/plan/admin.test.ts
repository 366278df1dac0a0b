import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/matrix/homeserver.ts';
import type { UserId } from '../../src/matrix/ids.ts';
import { isLastAdmin, planAdmin } from '../../src/plan/admin.ts';

const [ANN, BOB, BOT] = ['@ann:x', '@bob:x', '@usher:x'] as [UserId, UserId, UserId];
const account = (rest: Partial<Account> = {}): Account => ({
  ...{ userId: ANN, displayName: 'Ann', externalIds: [], threepids: [], admin: false, appservice: false },
  ...{ deactivated: false, locked: false, suspended: false, avatarUrl: undefined, ...rest },
});
const nothingOurs = { isAdmin: false, restriction: undefined, beneath: undefined };
const byUs = { ...nothingOurs, isAdmin: true };

describe('the right of a server admin', () => {
  it.each<[string, Partial<Account> | undefined, Parameters<typeof planAdmin>[2], boolean, unknown[]]>([
    ['is given to whom a group gives it', {}, nothingOurs, true, ['grant-admin', true]],
    ['is given with an account that is made', undefined, nothingOurs, true, ['grant-admin', true]],
    ['is given again if somebody took it', {}, byUs, true, ['grant-admin', true]],
    ['stays where a group gives it', { admin: true }, byUs, true, [undefined, true]],
    ['is taken where we gave it and no group does', { admin: true }, byUs, false, ['revoke-admin', false]],
    ['is not ours where somebody else gave it', { admin: true }, nothingOurs, true, [undefined, false]],
    ['is not taken where somebody else gave it', { admin: true }, nothingOurs, false, [undefined, false]],
    ['is forgotten where somebody else took it', {}, byUs, false, [undefined, false]],
    ['is nothing to do with others', {}, nothingOurs, false, [undefined, false]],
    ['is not given to whom somebody locked', { locked: true }, nothingOurs, true, [undefined, false]],
    ['is not given to whom somebody suspended', { suspended: true }, byUs, true, [undefined, false]],
    [
      'is given to whom we locked and unlock now',
      { locked: true },
      { ...nothingOurs, restriction: 'lock' },
      true,
      ['grant-admin', true],
    ],
    [
      'is given to whom we may have locked and unlock now',
      { locked: true },
      { ...nothingOurs, beneath: ['lock'] },
      true,
      ['grant-admin', true],
    ],
    [
      'is taken from whom somebody locked',
      { admin: true, locked: true },
      byUs,
      false,
      ['revoke-admin', false],
    ],
  ])('%s', (_title, found, ours, isWanted, [kind, isOurs]) => {
    const plan = planAdmin(ANN, found && account(found), ours, isWanted);
    expect(plan).toEqual({ change: kind && { kind, account: ANN }, isOurs });
  });

  const admin = (userId: UserId, rest = {}) => ({ userId, deactivated: false, locked: false, ...rest });
  it.each([
    ['she is alone with the bot', [admin(BOT), admin(ANN)], true],
    ['the other is locked', [admin(ANN), admin(BOB, { locked: true })], true],
    ['the other is deactivated', [admin(ANN), admin(BOB, { deactivated: true })], true],
    ['there is another', [admin(BOT), admin(ANN), admin(BOB)], false],
    ['only the other can sign in', [admin(ANN, { locked: true }), admin(BOB)], false],
    ['nobody can sign in anyway', [admin(BOT), admin(ANN, { locked: true })], false],
    ['she is none', [admin(BOT)], false],
  ])('is, or is not, the last one when %s', (_title, admins, isLast) => {
    expect(isLastAdmin(admins, ANN, BOT)).toBe(isLast);
  });
});
