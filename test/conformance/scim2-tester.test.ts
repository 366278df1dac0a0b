import { describe, expect, it } from 'vitest';
import { judge } from './judge.ts';
import { setStage } from './stage.ts';
import { type Check, runProgram } from './suites.ts';

describe('scim2-tester', () => {
  it('finds nothing, whatever the check and the type of resource', async () => {
    const stage = await setStage();
    const checks = await runProgram('tester.py', stage.scim);
    judge({ suite: 'scim2-tester', mode: 'all tags', checks, atLeast: 130 });
    expect(titlesFor('User', checks).size).toBeGreaterThanOrEqual(11);
    expect(titlesFor('Group', checks)).toEqual(titlesFor('User', checks));
    await stage.expectSoundness();
  });
});

function titlesFor(resourceType: string, checks: readonly Check[]): ReadonlySet<unknown> {
  const names = checks.map((check) => check.name.split(': '));
  return new Set(names.filter(([type]) => type === resourceType).map(([, title]) => title));
}
