import { describe, expect, it } from 'vitest';
import { SECRET } from '../support/usher.ts';
import { judge } from './judge.ts';
import { OPENING_GROUP, setStage } from './stage.ts';
import { runProgram, runPython } from './suites.ts';

describe('scim2-cli', () => {
  it('does what each of its commands says, to the person in the room at last', async () => {
    const stage = await setStage();
    const checks = await runProgram('cli.py', stage.scim, OPENING_GROUP);
    judge({ suite: 'scim2-cli', mode: 'users and groups', checks, atLeast: 65 });
    expect(await stage.inRoom()).toEqual(['@ann:usher.test']);
    await stage.expectSoundness();
  });

  it('passes what its command "test" looks at', async () => {
    const { scim } = await setStage();
    const env = { SCIM_CLI_URL: scim, SCIM_CLI_HEADERS: `Authorization: Bearer ${SECRET}` };
    const ran = await runPython(['-c', 'from scim2_cli import cli; cli()', 'test'], env);
    // Its first line says what it looks at; below a check is, indented, what it has to say of it.
    const [first, ...blocks] = ran.stdout.split(/\n(?=\S)/);
    const checks = blocks.map((block) => {
      const [name = '', ...detail] = block.trimEnd().split('\n');
      return {
        name,
        passed: name.startsWith('SUCCESS '),
        detail: detail.map((line) => line.trim()).join('\n'),
      };
    });
    expect(first).toMatch(/^Performing a SCIM compliance check/);
    judge({ suite: 'scim2-cli', command: 'test', mode: 'everything', checks, atLeast: 130 });
    expect(ran.stderr).toBe('');
  });
});
