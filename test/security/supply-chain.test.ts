import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';

const CI = join(import.meta.dirname, '../../.ci');

async function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { output, exitCode };
}

describe('the list of licences', { timeout: 60_000 }, () => {
  const licenses = (folder?: string) =>
    run(process.execPath, [join(CI, 'licenses.ts'), ...(folder === undefined ? [] : [folder])]);

  /** A project with some dependencies: the lock's path of each, and what its package.json says. */
  function project(packages: Readonly<Record<string, object>>): string {
    const folder = tempDir();
    const lock = {
      packages: { '': {}, ...packages, 'node_modules/tool': { dev: true, license: 'GPL-3.0' } },
    };
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
    for (const [path, content] of Object.entries(packages)) {
      const file = join(folder, path, 'package.json');
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify({ version: '1.0.0', ...content }));
    }
    return folder;
  }

  it('names each package that is installed with Usher, and all are allowed', async () => {
    const { output, exitCode } = await licenses();
    expect(output).toMatch(/^MIT \(\d+\): .*\bkoa 3\./m);
    expect(output).not.toContain('vitest');
    expect(Number(/^(\d+) packages, 0 not allowed\.$/m.exec(output)?.[1])).toBeGreaterThan(50);
    expect(exitCode).toBe(0);
  });

  it.each([
    [{ license: 'GPL-3.0' }, 1],
    [{ license: 'MIT AND GPL-3.0' }, 1],
    [{ license: 'SEE LICENSE IN LICENSE' }, 1],
    [{}, 1],
    [{ license: '(MIT OR GPL-3.0)' }, 0],
    [{ license: 'ISC' }, 0],
  ])('with %j ends with %d', async (content, expected) => {
    const { output, exitCode } = await licenses(project({ 'node_modules/a': content }));
    expect(exitCode).toBe(expected);
    expect(output.includes('NOT ALLOWED: a 1.0.0')).toBe(expected === 1);
  });

  it('is no list if there is nothing on it', async () => {
    expect((await licenses(project({}))).exitCode).toBe(1);
  });
});

describe('the audit', { timeout: 60_000 }, () => {
  /** Runs it with a registry that answers so. */
  async function audit(answer: RequestListener) {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      request.resume().on('end', () => answer(request, response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const outcome = await run(join(CI, 'audit'), [], {
      npm_config_registry: registry,
      npm_config_fetch_retries: '0',
      npm_config_cache: tempDir(),
    });
    return { ...outcome, asked };
  }

  const advisory = (severity: string) => ({
    koa: [{ id: 1, url: 'https://x.example', title: 'bad', severity, vulnerable_versions: '*', cwe: [] }],
  });
  const withAdvisory =
    (severity: string): RequestListener =>
    ({ method, url = '' }, response) => {
      // Whatever depends on it is asked for, too.
      const name = decodeURIComponent(url.slice(1));
      const body = method === 'POST' ? advisory(severity) : { name, versions: {} };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    };

  it('passes if nothing is known, and says how much it looked at', async () => {
    const { output, exitCode, asked } = await audit((_, response) => response.end('{}'));
    expect(asked).toContain('POST /-/npm/v1/security/advisories/bulk');
    expect(output).toMatch(/^npm audit: \d{2,} packages; 0 high, 0 critical/);
    expect(exitCode).toBe(0);
  });

  it.each(['high', 'critical'])('fails if something %s is known, and names it', async (severity) => {
    const { output, exitCode } = await audit(withAdvisory(severity));
    expect(output).toContain(`koa (${severity})`);
    expect(exitCode).toBe(1);
  });

  it('says plainly that it did not look where the registry has none, and does not fail', async () => {
    for (const status of [404, 405]) {
      const { output, exitCode } = await audit((_, response) => response.writeHead(status).end('{}'));
      expect(output).toContain(`NOT LOOKED AT. This registry has no audit (it answers ${status}).`);
      expect(exitCode).toBe(0);
    }
  });

  it.each([401, 403, 500])('fails if the registry answers %d: that is no answer', async (status) => {
    const { output, exitCode } = await audit((_, response) => response.writeHead(status).end('{}'));
    expect(output).toMatch(/^npm audit failed: /);
    expect(exitCode).toBe(1);
  });
});
