import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/error.ts';
import { SETTINGS, type Setting } from '../../src/config/settings.ts';
import { SECRET_PLACEHOLDER } from '../../src/config/values.ts';

const settings = Object.entries<Setting<unknown>>(SETTINGS);
const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const example = textOf('.env.example');
/** What most people have to fill in, though there is another way. */
const FIRST: readonly string[] = ['GROUP_MAP_FILE', 'MATRIX_ADMIN_TOKEN', 'IDP_NAME'];

const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});

describe('documentation of the settings', () => {
  it('has a row for each setting in docs/settings.md, in order, and no other', () => {
    const rows = textOf('docs/settings.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'));

    expect(rows).toEqual(
      settings.map(([name, setting]) => {
        const byDefault = setting.default === undefined ? '' : `\`${setting.default}\``;
        return `| \`${name}\` | ${setting.required ? 'required' : byDefault} | ${setting.description} |`;
      }),
    );
    expect(rows.length).toBeGreaterThan(20);
  });

  it('has each setting in .env.example with its description, and its default or an example', () => {
    const [, ...entries] = example.trim().split('\n\n');

    expect(entries).toEqual(
      settings.map(([name, { description, secret, required, default: byDefault, example: sample }]) => {
        const value = secret ? SECRET_PLACEHOLDER : (byDefault ?? sample);
        const off = required || FIRST.includes(name) ? '' : '#';
        return `# ${description}\n${off}${name}=${value}`;
      }),
    );
  });

  it('has only secrets to fill in before .env.example is a valid configuration', () => {
    const load = () => loadConfig({ env: parseEnv(example), readFile: () => '' });

    expect(load).toThrow(ConfigError);
    expect(load).toThrow(
      /^WEBHOOK_SECRET is still [^\n]+\n[^\n]+\nMATRIX_ADMIN_TOKEN is still [^\n]+\n[^\n]+$/,
    );
  });

  it.each(settings.filter(([, { secret }]) => !secret))(
    'has an example and a default that %s accepts',
    (_, { parse, default: byDefault, example: sample }) => {
      const readFile = () => `${KEY}\n-----BEGIN CERTIFICATE-----`;
      for (const text of [sample, byDefault ?? sample]) {
        expect(parse(text, readFile)).toHaveProperty('value');
      }
    },
  );

  it('mentions the settings of the predecessor', () => {
    expect(textOf('docs/settings.md')).toMatch(/`AUTHENTIK_API_URL` and `AUTHENTIK_TOKEN` are accepted/);
  });
});
