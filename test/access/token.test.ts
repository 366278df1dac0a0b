import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  allows,
  digestOf,
  faultOf,
  nameProblem,
  type Scope,
  secretOf,
  type TokenId,
  type TokenSecret,
  type TokenTerms,
} from '../../src/access/token.ts';
import type { SourceId } from '../../src/directory/resource.ts';

const NOW = Date.UTC(2026, 0, 1);
const TERMS: TokenTerms = {
  ...{ id: 'id' as TokenId, name: 'ci', source: 'default' as SourceId, scopes: ['scim'], networks: [] },
  ...{ created: NOW, expires: undefined, isDisabled: false },
};
const SECRET: TokenSecret = {
  created: NOW,
  expires: undefined,
  lastUsed: undefined,
  lastUsedFrom: undefined,
};

describe('a scope', () => {
  it.each<[readonly Scope[], readonly Scope[]]>([
    [['scim'], ['scim', 'scim:read']],
    [['scim:read'], ['scim:read']],
    [['metrics'], ['metrics']],
    [['admin'], ['admin', 'admin:read', 'metrics']],
    [['admin:read'], ['admin:read']],
    [
      ['scim:read', 'metrics'],
      ['scim:read', 'metrics'],
    ],
    [[], []],
  ])('of %j allows %j and nothing else', (scopes, allowed) => {
    const all = ['scim', 'scim:read', 'metrics', 'admin', 'admin:read'] as const;
    expect(all.filter((needed) => allows(scopes, needed)).toSorted()).toEqual(allowed.toSorted());
  });
});

describe('a token whose secret is right', () => {
  const fault = (terms: Partial<TokenTerms>, secret: Partial<TokenSecret> = {}, isInside = true) =>
    faultOf({ ...TERMS, ...terms }, { ...SECRET, ...secret }, { now: NOW, isInside: () => isInside });

  it('is taken, also one that will expire', () => {
    expect(fault({})).toBeUndefined();
    expect(fault({ expires: NOW + 1 }, { expires: NOW + 1 })).toBeUndefined();
    expect(fault({ networks: ['10.0.0.0/8'] })).toBeUndefined();
    expect(fault({}, {}, false)).toBeUndefined();
  });

  it('is not taken once it has expired, or was rotated, or is disabled, nor from elsewhere', () => {
    expect(fault({ expires: NOW })).toBe('expired');
    expect(fault({}, { expires: NOW })).toBe('expired');
    expect(fault({ expires: NOW + 1 }, { expires: NOW - 1 })).toBe('expired');
    expect(fault({ isDisabled: true, expires: NOW })).toBe('disabled');
    expect(fault({ networks: ['10.0.0.0/8'] }, {}, false)).toBe('elsewhere');
  });
});

it('A secret has 256 bits, can be told from others by its beginning, and is stored as SHA-256.', () => {
  const secret = secretOf(randomBytes(32));
  expect(secret).toMatch(/^usher_[\w-]{43}$/);
  expect(Buffer.from(secret.slice('usher_'.length), 'base64url')).toHaveLength(32);
  expect(digestOf('abc').toString('hex')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

describe('the name of a token', () => {
  it.each(['a', 'ci', 'Okta (EU)'.replace(/[()]/g, ''), 'Müller 2', 'x@y_z.1-2', 'a'.repeat(64)])(
    'may be %j',
    (name) => expect(nameProblem(name)).toBeUndefined(),
  );
  it.each(['', ' a', '-a', 'a/b', 'a\nb', 'a"b', 'a'.repeat(65), '<b>'])('may not be %j', (name) =>
    expect(nameProblem(name)).toMatch(/must have 1 to 64/),
  );
});
