import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installFromPyPI } from '../support/python.ts';
import { type ScimServer, startScimServer, TOKEN } from '../support/scim/server.ts';

const SUITES = ['scim2-tester==0.5.2', 'scim2-cli==0.6.0', 'scim-sanity==0.7.4'];

let python: string;
let server: ScimServer;
beforeAll(async () => {
  python = await installFromPyPI('conformance-0.5.2-0.6.0-0.7.4', SUITES);
  server = await startScimServer();
});
afterAll(() => server.stop());

/** What a suite printed, whatever its exit status. */
async function output(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const options = { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(python, args, options).catch(
    (failed: { stdout: string }) => failed,
  );
  return stdout;
}

describe('conformance', () => {
  it('passes scim2-tester whole', async () => {
    const program = 'from scim2_cli import cli; cli()';
    const headers = { SCIM_CLI_HEADERS: `Authorization: Bearer ${TOKEN}` };
    const lines = (await output(['-c', program, '--url', server.scim, 'test'], headers)).split('\n');
    expect(lines.filter((line) => line.startsWith('SUCCESS')).length).toBeGreaterThan(100);
    expect(lines.filter((line) => /^(ERROR|FAIL|CRITICAL|UNEXPECTED|DEVIATION)/i.test(line))).toEqual([]);
  });

  it('passes scim-sanity whole, in its strict mode', async () => {
    const probe = ['-m', 'scim_sanity', 'probe', server.scim, '--token', TOKEN];
    const report = JSON.parse(await output([...probe, '--i-accept-side-effects', '--json-output']));
    expect(report.summary.passed).toBeGreaterThan(25);
    expect(report.issues).toEqual([]);
    expect(report.summary).toMatchObject({ failed: 0, warnings: 0, errors: 0 });
    const skipped = report.results.filter((result: { status: string }) => result.status === 'skip');
    expect(skipped.map((result: { name: string }) => result.name).join()).not.toMatch(/User|Group/);
  });
});
