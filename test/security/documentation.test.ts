import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { issueToken } from '../support/api/client.ts';
import { startScimServer } from '../support/scim/server.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('SECURITY.md', () => {
  const page = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');
  const named = [...page.matchAll(/`(test\/[\w/.-]+\.test\.ts)`/g)].map(([, file = '']) => file);

  it('names tests that are there, for each claim in a table', () => {
    expect(new Set(named).size).toBeGreaterThan(12);
    for (const file of named) expect(existsSync(join(ROOT, file)), file).toBe(true);
    const rows = page.split('\n').filter((line) => /^\| (?!Usher|---)/.test(line));
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) expect(row).toMatch(/`test\/[^`]+`/);
  });
});

describe('docs/security.md', () => {
  const page = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
  const PATH = /\/_(?:synapse|matrix)\/[^'`$]+/g;

  it('names every call to Synapse, and none that is not made', () => {
    const sources = readdirSync(join(ROOT, 'src/synapse'))
      .map((name) => readFileSync(join(ROOT, 'src/synapse', name), 'utf8'))
      .join('\n')
      .replaceAll(/\$\{ADMIN_ROOM\}/g, '/_synapse/admin/v1/rooms/{roomId}')
      .replace(/^const ADMIN_ROOM = .*$/m, '');
    const delegation = readFileSync(join(ROOT, 'src/mas/delegation.ts'), 'utf8');
    const made = new Set([...`${sources}\n${delegation}`.matchAll(PATH)].map(([path]) => path));
    const told = new Set([...page.matchAll(/`(?:GET|PUT|POST) (\/_[^`]+)`/g)].map(([, path]) => path));
    expect(made.size).toBeGreaterThan(20);
    expect([...told].toSorted()).toEqual([...made].toSorted());
  });

  it('says what each door answers without a token, and what the browser is told', async () => {
    const server = await startScimServer();
    onTestFinished(() => server.stop());
    const doors = [...page.matchAll(/^\| `(\/[^`]+)` \| (\d{3})/gm)];
    expect(doors.length).toBeGreaterThan(6);
    for (const [, path = '', status] of doors) {
      const answer = await fetch(`${server.origin}${path}`);
      expect([path, answer.status]).toEqual([path, Number(status)]);
    }
    await issueToken(server.store);
    const { headers } = await fetch(`${server.origin}/console`);
    expect(page).toContain(`  Content-Security-Policy: ${headers.get('content-security-policy')}\n`);
  });
});
