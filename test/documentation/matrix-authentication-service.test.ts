import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { SETTINGS } from '../../src/config/settings.ts';
import { SINCE } from '../../src/mas/release.ts';
import { complaintsOf, type Environment } from '../support/deployed.ts';
import { runTool } from '../support/tools.ts';

const PAGE = readFileSync(new URL('../../docs/matrix-authentication-service.md', import.meta.url), 'utf8');

/** The blocks of a language in a section, in their order. */
function blocksOf(section: string, language: string): readonly string[] {
  const [, text = ''] = PAGE.split(`\n## ${section}\n`);
  const [own = ''] = text.split('\n## ');
  return [...own.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, block = '']) => block,
  );
}

/** Node is that of the tests, as `node` may be older. */
async function runInShell(script: string) {
  const cwd = mkdtempSync(join(tmpdir(), 'usher-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
  const { exitCode, stdout, output } = await runTool('sh', ['-ec', script], { cwd, env: { PATH } });
  expect(exitCode, output).toBe(0);
  return { cwd, stdout };
}

const [ofMas = '', withKey = ''] = blocksOf('1. MAS', 'yaml').map((text) => parse(text));
const [settings = ''] = blocksOf('3. Usher', 'sh');

describe('docs/matrix-authentication-service.md', () => {
  it('makes an id that MAS and Usher take, and another one each time', async () => {
    const [line = ''] = blocksOf('1. MAS', 'sh')[0]?.split('\n') ?? [];
    const ids = [(await runInShell(line)).stdout.trim(), (await runInShell(line)).stdout.trim()];
    for (const id of ids) expect(SETTINGS.MAS_CLIENT_ID.parse(id, String)).toEqual({ value: id });
    expect(new Set(ids).size).toBe(2);
  });

  it('makes a key that Usher takes, with what MAS is to know of it', async () => {
    const { cwd, stdout } = await runInShell(blocksOf('1. MAS', 'sh')[1] ?? '');
    const read = (path: string) => readFileSync(join(cwd, path), 'utf8');
    const pem = read('mas-client-key.pem');
    expect(SETTINGS.MAS_CLIENT_KEY_FILE.parse('mas-client-key.pem', read)).toEqual({ value: pem });
    const [known] = JSON.parse(stdout).keys;
    expect(createPublicKey(createPrivateKey(pem)).export({ format: 'jwk' })).toEqual({
      ...{ kty: known.kty, crv: known.crv, x: known.x, y: known.y },
    });
    expect(known).not.toHaveProperty('d');
    expect(Object.keys(withKey.clients[0].jwks.keys[0]).toSorted()).toEqual(Object.keys(known).toSorted());
  });

  it('has settings that Usher takes, of the client and the provider that MAS is given', () => {
    const given = parseEnv(settings) as Environment;
    const others = { WEBHOOK_SECRET: 'x'.repeat(32), IDP_GROUP_TO_ROOM: '{}' };
    expect(complaintsOf({ ...others, ...given })).toEqual([]);
    expect(ofMas.clients[0].client_id).toBe(given.MAS_CLIENT_ID);
    expect(ofMas.policy.data.admin_clients).toEqual([given.MAS_CLIENT_ID]);
    expect(ofMas.upstream_oauth2.providers[0].id).toBe(given.MAS_UPSTREAM_PROVIDER_ID);
    expect(withKey.clients[0].client_id).toBe(given.MAS_CLIENT_ID);
    const [{ resources, binds }] = ofMas.http.listeners;
    const names = resources.map(({ name }: { readonly name: string }) => name);
    expect(names).toEqual(['adminapi', 'oauth', 'health']);
    expect(binds[0].address).toContain(new URL(given.MAS_URL ?? '').port);
  });

  it('names the versions at which Usher does something else', () => {
    const [, table = ''] = PAGE.split('\n## Versions\n');
    const named = [...table.matchAll(/^\| (?:before )?(\d+)\.(\d+)[^|]*\|/gm)].map(([, major, minor]) => [
      Number(major),
      Number(minor),
    ]);
    const { displayName, personalSessions, providers, anything } = SINCE;
    expect(named).toEqual([displayName, personalSessions, providers, anything, anything]);
  });
});
