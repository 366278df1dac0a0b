/**
 * What is wrong with one setting. `message` goes on where the setting's name ends ("must be …", "is not set").
 * `found` is what was given, or undefined if nothing was or nobody may see it: never a secret.
 */
export type ConfigProblem = {
  readonly setting: string;
  readonly found: string | undefined;
  readonly message: string;
  readonly example: string;
};

/** Settings that do not make a configuration, all at once. Its message is fit for a terminal. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  /** `notices` may explain a problem: a setting that is missing may only be misspelt. */
  constructor(
    problems: readonly ConfigProblem[],
    { notices = [], cause }: { readonly notices?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    super([...problems.map(describe), ...notices.map((notice) => `note: ${notice}`)].join('\n'), { cause });
    this.problems = problems;
  }
}

function describe({ setting, found, message, example }: ConfigProblem): string {
  const given = found === undefined ? '' : ` (found: ${found})`;
  return `${setting} ${message}${given}\n  example: ${setting}=${example}`;
}

/** A file can't be written. The message is for the admin: which, why and what to do. */
export class FileNotWritten extends Error {
  override readonly name = 'FileNotWritten';
}
