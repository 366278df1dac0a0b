import { describe, expect, it } from 'vitest';
import type { Profile } from '../../src/directory/user.ts';
import { deriveAccount, mapToLocalpart } from '../../src/plan/localpart.ts';

// The right column is what map_username_to_mxid_localpart of Synapse 1.163 returns for the left one.
const MAPPED = [
  ['alice', 'alice'],
  ['Alice.Smith', 'alice.smith'],
  ['ann@example.com', 'ann=40example.com'],
  ['jörg', 'j=c3=b6rg'],
  ['JÖRG', 'j=c3=96rg'],
  ['_admin', '=5fadmin'],
  ['a_b', 'a_b'],
  ['a=b', 'a=3db'],
  ['a/b+c-d', 'a/b+c-d'],
  ['two words', 'two=20words'],
  ['日本', '=e6=97=a5=e6=9c=ac'],
  ['a\tb', 'a=09b'],
] as const;

describe('localpart', () => {
  it.each(MAPPED)('maps %s to %s, as Synapse does', (name, localpart) => {
    expect(mapToLocalpart(name)).toBe(localpart);
  });

  const ann: Profile = {
    userName: 'Ann',
    externalId: 'F00D',
    active: true,
    displayName: 'Ann',
    email: 'ann.lee@example.com',
    photo: undefined,
  };

  it.each([
    ['{userName}', '@ann:example.com'],
    ['{externalId}', '@f00d:example.com'],
    ['{emailLocalpart}', '@ann.lee:example.com'],
    ['corp-{userName}', '@corp-ann:example.com'],
    ['{userName}{externalId}', '@annf00d:example.com'],
    ['1{userName}', '@1ann:example.com'],
    ['{userName}1', '@ann1:example.com'],
    ['everybody', '@everybody:example.com'],
  ])('fills the template %s', (template, account) => {
    expect(deriveAccount(template, ann, 'example.com')).toEqual({ kind: 'derived', account });
  });

  it('asks for nothing that the template does not', () => {
    const bare = { ...ann, externalId: undefined, email: undefined };
    expect(deriveAccount('{userName}', bare, 'example.com')).toMatchObject({ account: '@ann:example.com' });
  });

  it('puts a user name that looks like a placeholder in as it is', () => {
    const odd = { ...ann, userName: '$&{externalId}' };
    expect(deriveAccount('{userName}', odd, 'example.com')).toMatchObject({
      account: '@=24=26=7bexternalid=7d:example.com',
    });
  });

  it.each([
    ['{userName}', { ...ann, userName: '12345' }, /only digits/],
    ['{emailLocalpart}', { ...ann, email: undefined }, /needs emailLocalpart/],
    ['{userName}{externalId}', { ...ann, externalId: undefined }, /needs externalId/],
    ['{userName}', { ...ann, userName: 'x'.repeat(300) }, /255 bytes/],
  ])('makes no account from %s when that is impossible, and says why', (template, profile, reason) => {
    expect(deriveAccount(template, profile, 'example.com')).toEqual({
      kind: 'impossible',
      reason: expect.stringMatching(reason),
    });
  });
});
