import { loadConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/error.ts';
import { fileVariableOf, SETTINGS } from '../../src/config/settings.ts';

/** Of Node and what it runs on, and no settings. */
const OTHERS: readonly string[] = ['NODE_ENV', 'MALLOC_ARENA_MAX', 'NODE_COMPILE_CACHE'];
const NAMES = Object.keys(SETTINGS).flatMap((name) => [name, fileVariableOf(name) ?? name]);

export type Environment = Readonly<Record<string, string>>;

/**
 * What Usher says of an environment that a file of deploy/ gives it: what is wrong or unusual, and what is no setting.
 * Files of secrets are taken for there.
 */
export function complaintsOf(env: Environment): readonly string[] {
  const own = Object.entries(env).filter(([name]) => !OTHERS.includes(name));
  const strangers = own.map(([name]) => name).filter((name) => !NAMES.includes(name));
  try {
    const { notices } = loadConfig({ env: Object.fromEntries(own), readFile: () => 'a-secret-of-the-tests' });
    return [...strangers, ...notices];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [...strangers, ...error.problems.map(({ setting, message }) => `${setting} ${message}`)];
  }
}
