import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LOOK_COMMANDS } from '../../../src/cli/look/commands.ts';
import { startSimulated } from '../../support/homeserver/simulated.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { usher } from '../../support/terminal.ts';
import { envFor } from '../../support/usher.ts';

const PAGE = readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8');
const argumentsOf = (name: string): readonly string[] => [
  name,
  ...(LOOK_COMMANDS[name]?.operands ?? []).filter((operand) => !operand.endsWith('?')),
];
const NAMES = Object.keys(LOOK_COMMANDS);

it.each(NAMES)('has usher %s in the help and in the documentation', async (name) => {
  expect((await usher(['help'])).stdout).toMatch(new RegExp(`^ {2}${name}( |$)`, 'm'));
  expect(PAGE).toContain(`usher ${name}`);
  for (const option of Object.keys(LOOK_COMMANDS[name]?.options ?? {})) expect(PAGE).toContain(`--${option}`);
});

it.each(NAMES)('says what is wrong with the settings of usher %s', async (name) => {
  const { exitCode, stderr } = await usher(argumentsOf(name), { MATRIX_URL: 'nonsense' });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('WEBHOOK_SECRET');
});

it.each(NAMES)('needs a database for usher %s', async (name) => {
  const homeserver = await startSimulated({ via: 'port' });
  const settings = { GROUP_MAP_FILE: '', IDP_GROUP_TO_ROOM: '{}' };
  const { exitCode, stderr } = await usher(argumentsOf(name), envFor(homeserver, tempDir(), settings));
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/there is no database in .* yet/);
});
