import { describe, expect, it } from 'vitest';
import { SECRET } from '../support/usher.ts';
import { judge } from './judge.ts';
import { setStage } from './stage.ts';
import { printed, runProgram, runPython } from './suites.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Becomes part of the user that the suite makes. */
const MORE_OF_A_USER = {
  schemas: [USER, ENTERPRISE],
  title: 'Tour Guide',
  roles: [{ value: 'guide', primary: true }],
  [ENTERPRISE]: { employeeNumber: '701984', manager: { value: 'nobody-we-know' } },
};

/** The others are no more: `--compat` forgives, and `--profile fortiauthenticator` sends what goes without saying. */
const MODES: readonly (readonly [string, ...string[]])[] = [
  ['strict'],
  ['as to Entra', '--profile', 'entra', '--user-domain', 'example.com'],
  ['with more of a user', '--extra-user-fields', JSON.stringify(MORE_OF_A_USER)],
];

type Report = {
  readonly mode: string;
  readonly issues: readonly unknown[];
  readonly results: readonly { readonly name: string; readonly status: string; readonly message?: string }[];
};

describe('scim-sanity', () => {
  it.each(MODES)('finds nothing, %s', async (mode, ...options) => {
    const stage = await setStage();
    const command = ['-m', 'scim_sanity', 'probe', stage.scim, '--token', SECRET, '--i-accept-side-effects'];
    const report = printed(await runPython([...command, '--json-output', ...options])) as Report;
    const checks = report.results.map(({ name, status, message = '' }) => ({
      name,
      passed: status === 'pass',
      detail: `${status}: ${message}`,
    }));
    judge({ suite: 'scim-sanity', command: 'probe', mode, checks, atLeast: 28 });
    expect(report).toMatchObject({ mode: 'strict', issues: [] });
    await stage.expectSoundness();
  });

  it('finds its examples valid when they come back', async () => {
    const stage = await setStage();
    const checks = await runProgram('examples.py', stage.scim);
    judge({ suite: 'scim-sanity', mode: 'its examples', checks, atLeast: 14 });
    await stage.expectSoundness();
  });
});
