import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type TokenId, TokenNameTaken, type TokenTerms } from '../../src/access/token.ts';
import type { SourceId } from '../../src/directory/resource.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { tempDir } from '../support/temp-dir.ts';

const NOW = Date.UTC(2026, 0, 1);
const [FIRST, SECOND, THIRD] = [randomBytes(32), randomBytes(32), randomBytes(32)] as const;

const terms = (name: string, more: Partial<TokenTerms> = {}): TokenTerms => ({
  ...{ id: `id-${name}` as TokenId, name, source: 'default' as SourceId, scopes: ['scim'], networks: [] },
  ...{ created: NOW, expires: undefined, isDisabled: false, ...more },
});
const fresh = { created: NOW, expires: undefined, lastUsed: undefined, lastUsedFrom: undefined };

function tokens(folder = tempDir()) {
  const store = openStore(folder);
  onTestFinished(() => store.close());
  return store.tokens;
}

describe('a token that is stored', () => {
  it('is found by its secret and by its id, and listed by name, as it was written', async () => {
    const store = tokens();
    const full = terms('b', { networks: ['10.0.0.0/8'], expires: NOW + 1, scopes: ['admin', 'metrics'] });
    await store.create(full, FIRST);
    await store.create(terms('A', { isDisabled: true }), SECOND);
    expect(await store.bySecret(FIRST)).toEqual({ token: full, secret: fresh });
    expect(await store.get('id-b')).toEqual({ ...full, secrets: [fresh] });
    expect((await store.list()).map(({ name, isDisabled }) => [name, isDisabled])).toEqual([
      ['A', true],
      ['b', false],
    ]);
    expect([await store.bySecret(THIRD), await store.get('none')]).toEqual([undefined, undefined]);
  });

  it('has a name of its own, whatever the case; nothing is left of one that is refused', async () => {
    const store = tokens();
    await store.create(terms('Ci'), FIRST);
    await expect(store.create(terms('cI', { id: 'other' as TokenId }), SECOND)).rejects.toThrow(
      TokenNameTaken,
    );
    expect(await store.bySecret(SECOND)).toBeUndefined();
    expect(await store.list()).toHaveLength(1);
  });

  it('is disabled and enabled, and gone with its secrets once it is removed', async () => {
    const store = tokens();
    await store.create(terms('ci'), FIRST);
    const isDisabled = async () => (await store.bySecret(FIRST))?.token.isDisabled;
    await store.setDisabled('id-ci' as TokenId, true);
    expect(await isDisabled()).toBe(true);
    await store.setDisabled('id-ci' as TokenId, false);
    expect(await isDisabled()).toBe(false);
    await store.remove('id-ci' as TokenId);
    expect([await store.bySecret(FIRST), await store.list()]).toEqual([undefined, []]);
    await store.create(terms('ci'), FIRST);
    expect(await isDisabled()).toBe(false);
  });

  it('remembers when each of its secrets was used, and from where', async () => {
    const folder = tempDir();
    const store = tokens(folder);
    await store.create(terms('ci'), FIRST);
    await store.rotate('id-ci' as TokenId, SECOND, { now: NOW + 1, until: NOW + 100 });
    await store.noteUse(FIRST, { at: NOW + 7, from: '192.0.2.7' });
    const used = { ...fresh, expires: NOW + 100, lastUsed: NOW + 7, lastUsedFrom: '192.0.2.7' };
    expect((await store.get('id-ci'))?.secrets).toEqual([{ ...fresh, created: NOW + 1 }, used]);
  });
});

describe('a token that is rotated', () => {
  it('has both secrets until the old one ends; the end of one that was rotated before is not put off', async () => {
    const store = tokens();
    await store.create(terms('ci'), FIRST);
    await store.create(terms('other'), randomBytes(32));
    const id = 'id-ci' as TokenId;
    await store.rotate(id, SECOND, { now: NOW + 1, until: NOW + 100 });
    await store.rotate(id, THIRD, { now: NOW + 2, until: NOW + 200 });
    const ends = async () => (await store.get(id))?.secrets.map(({ expires }) => expires);
    expect(await ends()).toEqual([undefined, NOW + 200, NOW + 100]);
    expect((await store.bySecret(FIRST))?.secret.expires).toBe(NOW + 100);
    expect((await store.get('id-other'))?.secrets).toEqual([fresh]);
  });

  it('forgets what has ended', async () => {
    const store = tokens();
    await store.create(terms('ci'), FIRST);
    const id = 'id-ci' as TokenId;
    await store.rotate(id, SECOND, { now: NOW + 1, until: NOW + 1 });
    expect(await store.bySecret(FIRST)).toBeUndefined();
    await store.rotate(id, THIRD, { now: NOW + 2, until: NOW + 5 });
    await store.rotate(id, FIRST, { now: NOW + 6, until: NOW + 9 });
    expect((await store.get(id))?.secrets.map(({ created }) => created)).toEqual([NOW + 6, NOW + 2]);
  });
});
