import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { usher } from '../support/terminal.ts';

describe('usher', () => {
  it.each([[[]], [['help']], [['--help']], [['-h']]])('explains itself for %j', async (args) => {
    const { exitCode, stdout } = await usher(args);
    expect(exitCode).toBe(0);
    for (const command of ['serve', 'check', 'plan', 'apply', 'backup', 'restore', 'import', 'demo', 'help'])
      expect(stdout).toContain(command);
  });

  it.each(['version', '--version'])('prints its version for %s', async (argument) => {
    expect(await usher([argument])).toEqual({ exitCode: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  });

  it.each([
    [['sreve'], /no command "sreve".*serve/],
    [['toString'], /no command "toString"/],
    [['plan', '--jsno'], /--jsno[\s\S]*usher help/],
    [['apply', 'now'], /now[\s\S]*usher help/],
  ])('says what is wrong with %j', async (args, message) => {
    const { exitCode, stderr } = await usher(args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });

  it.each(['serve', 'check', 'plan', 'apply'])(
    'lists all problems of the settings at once for %s',
    async (command) => {
      const { exitCode, stderr } = await usher([command], {
        MATRIX_URL: 'nonsense',
        WEBHOOK_SECRET: 'short-secret',
      });
      expect(exitCode).toBe(2);
      for (const setting of [
        'MATRIX_URL',
        'WEBHOOK_SECRET',
        'MATRIX_SERVER_NAME',
        'IDP_NAME',
        'GROUP_MAP_FILE',
      ]) {
        expect(stderr).toContain(setting);
      }
      expect(stderr).not.toContain('short-secret');
    },
  );

  it('says which Node it needs when it is started by an old one', () => {
    const usherJs = join(import.meta.dirname, '../../src/node-version.js');
    const pretend = `Object.defineProperty(process.versions, 'node', { value: '20.1.0' }); await import('${usherJs}');`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', pretend], {
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/this is Node 20\.1\.0, and Usher needs Node 24/);
  });
});
