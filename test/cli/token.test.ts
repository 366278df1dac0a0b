import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/access/token.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';

const HOUR = 3_600_000;

/** A folder whose database is there; no other setting is needed. */
async function desk() {
  const folder = tempDir();
  const stored = async () => {
    const store = openStore(folder);
    try {
      return { tokens: await store.tokens.list(), journal: await store.journal.find({ limit: 9 }) };
    } finally {
      await store.close();
    }
  };
  await stored();
  const token = (...args: readonly string[]) => usher(['token', ...args], { DATA_DIR: folder });
  return {
    ...{ folder, token, stored },
    create: async (name: string, ...options: readonly string[]) =>
      (await token('create', name, '--scope', 'scim', ...options)).stdout.trim(),
    find: async (secret: string) => {
      const store = openStore(folder);
      try {
        return await store.tokens.bySecret(digestOf(secret));
      } finally {
        await store.close();
      }
    },
  };
}

describe('usher token create', () => {
  it('prints the secret alone to stdout, and says beside it what it is good for', async () => {
    const { token, find, stored } = await desk();
    const made = await token('create', 'grafana', '--scope', 'metrics');
    expect(made).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^usher_[\w-]{43}\n$/) });
    expect(made.stderr).toBe(
      'This is the secret. It is shown this once, and stored nowhere.\nToken grafana: scope metrics, source default, from everywhere, without an end.\n',
    );
    expect((await find(made.stdout.trim()))?.token.name).toBe('grafana');
    const { tokens, journal } = await stored();
    expect(JSON.stringify(tokens)).not.toContain(made.stdout.trim());
    expect(journal).toMatchObject([
      { detail: 'create token grafana: metrics of default', cause: 'usher token' },
    ]);
  });

  it('takes scopes, a source, networks and an end', async () => {
    const { create, find } = await desk();
    const before = Date.now();
    const secret = await create(
      ...(['okta', '--scope', 'scim,metrics', '--source', 'okta', '--expires', '2h'] as const),
      ...(['--from', '10.0.0.0/8, 192.0.2.7'] as const),
    );
    const token = (await find(secret))?.token;
    expect(token).toMatchObject({
      ...{ scopes: ['scim', 'metrics'], source: 'okta', networks: ['10.0.0.0/8', '192.0.2.7'] },
    });
    expect((token?.expires ?? 0) - before).toBeGreaterThanOrEqual(2 * HOUR);
    expect((token?.expires ?? 0) - Date.now()).toBeLessThanOrEqual(2 * HOUR);
  });

  it.each([
    [['a/b', '--scope', 'scim'], 'NAME must have 1 to 64 letters, digits, blanks and . _ @ - and begin'],
    [['TAKEN', '--scope', 'scim'], 'NAME is that of another token: TAKEN'],
    [['webhook_secret', '--scope', 'scim'], 'NAME is that of another token: webhook_secret'],
    [['x'], '--scope must be some of scim, scim:read, metrics, admin, admin:read'],
    [
      ['x', '--scope', 'scim,root'],
      '--scope must be some of scim, scim:read, metrics, admin, admin:read; "root"',
    ],
    [['x', '--scope', 'scim', '--source', 'a b'], '--source must have 1 to 64 letters'],
    [
      ['x', '--scope', 'scim', '--from', '10.0.0.0/40'],
      '--from has "10.0.0.0/40", which is no address or network',
    ],
    [
      ['x', '--scope', 'scim', '--expires', 'soon'],
      '--expires must be a whole number and a unit (s, m, h, d), such as',
    ],
    [['x', '--scope', 'scim', '--expires', '0s'], '--expires must lie ahead'],
    [['x', '--scope', 'scim', '--keep', '1h'], 'the command is: usher token create NAME --scope'],
    [[], 'the command is: usher token create NAME --scope'],
  ])('refuses %j, and makes nothing', async (args, problem) => {
    const { token, create, stored } = await desk();
    await create('taken');
    const { exitCode, stderr, stdout } = await token('create', ...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(problem);
    expect((await stored()).tokens.map(({ name }) => name)).toEqual(['taken']);
  });
});

describe('usher token list', () => {
  it('says of each what it is good for, and when it was last used', async () => {
    const { token, create, folder } = await desk();
    const secret = await create('okta', '--source', 'okta', '--expires', '30d');
    await create('gone');
    await token('disable', 'gone');
    await token('rotate', 'okta', '--keep', '2h');
    const store = openStore(folder);
    await store.tokens.noteUse(digestOf(secret), { at: Date.now() - 5 * 60_000, from: '192.0.2.7' });
    await store.close();
    const { exitCode, stdout } = await token('list');
    expect([exitCode, stdout]).toEqual([
      0,
      `token             source   scopes  from        state             last used
WEBHOOK_SECRET    default  scim    everywhere  good              not noted
gone              default  scim    everywhere  disabled          never
okta              okta     scim    everywhere  good for 29 days  never
  its old secret                               good for 1 hour   5 minutes ago from 192.0.2.7
`,
    ]);
    const [gone, okta] = JSON.parse((await token('list', '--json')).stdout);
    expect([gone.isDisabled, okta.secrets.length, okta.secrets[1].lastUsedFrom]).toEqual([
      true,
      2,
      '192.0.2.7',
    ]);
  });
});

describe('usher token rotate', () => {
  it('gives another secret; the old one ends a day later, or when it is said', async () => {
    const { token, create, find } = await desk();
    const old = await create('okta');
    const { stdout, stderr } = await token('rotate', 'OKTA');
    expect((await find(stdout.trim()))?.token.name).toBe('okta');
    expect(stderr).toMatch(/^This is the secret.*\nThe secret it had is taken until .* UTC: put the new one/);
    const end = (await find(old))?.secret.expires ?? 0;
    expect(Math.abs(end - Date.now() - 24 * HOUR)).toBeLessThan(60_000);
    const last = await token('rotate', 'okta', '--keep', '0s');
    expect(last.stderr).toContain('The secret it had is not taken any more.');
    expect([await find(old), await find(stdout.trim())]).toEqual([undefined, undefined]);
    expect((await find(last.stdout.trim()))?.token.name).toBe('okta');
  });
});

describe('usher token disable, enable and revoke', () => {
  it('do what they say', async () => {
    const { token, create, stored } = await desk();
    await create('okta');
    const states = async () => (await stored()).tokens.map(({ isDisabled }) => isDisabled);
    expect((await token('disable', 'okta')).stdout).toBe(
      'Disabled okta: usher token enable okta undoes it.\n',
    );
    expect(await states()).toEqual([true]);
    expect((await token('enable', 'okta')).stdout).toBe('Enabled okta.\n');
    expect(await states()).toEqual([false]);
    expect((await token('revoke', 'okta')).stdout).toBe('Revoked okta, for good.\n');
    expect(await states()).toEqual([]);
  });

  it.each([
    [['revoke', 'oktta'], 'there is no token "oktta". Did you mean okta?'],
    [['revoke', 'something'], 'there is no token "something". See: usher token list'],
    [['rotate', 'WEBHOOK_SECRET'], 'WEBHOOK_SECRET is a setting: change it there'],
    [['rotate', 'okta', '--keep', '2y'], '--keep must be a whole number and a unit'],
    [['revoke'], 'the command is: usher token revoke NAME'],
    [['list', 'okta'], 'the command is: usher token list [--json]'],
    [['delete', 'okta'], '"token" has no "delete". It has: create, list, rotate, disable, enable, revoke'],
    [[], 'the command is: usher token create|list|rotate|disable|enable|revoke [NAME]'],
  ])('refuse %j', async (args, problem) => {
    const { token, create, stored } = await desk();
    await create('okta');
    const { exitCode, stderr } = await token(...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(problem)]);
    expect((await stored()).tokens).toMatchObject([{ name: 'okta', secrets: [{ expires: undefined }] }]);
  });

  it('say what to do where there is no database yet', async () => {
    const { exitCode, stderr } = await usher(['token', 'list'], { DATA_DIR: join(tempDir(), 'none') });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Start "usher serve" once')]);
  });
});
