import type { ConfigProblem } from './error.ts';
import { fileVariableOf, SETTINGS, type Setting, type SettingName, type Values } from './settings.ts';
import { type ReadFile, reasonOf } from './values.ts';

/** An empty variable is as good as none. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** `values` lacks the required settings that are missing or broken; `problems` says why. */
export type Reading = { readonly values: Partial<Values>; readonly problems: readonly ConfigProblem[] };

/** The text of a setting (undefined: not set), and the variable that gave it: `X`, or `X_FILE` with a path. */
type Source =
  | { readonly variable: string; readonly text: string | undefined }
  | { readonly variable: string; readonly problem: string };

const FOUND_LENGTH = 60;

/** Reads each setting by itself, from its variable or from the file that `X_FILE` names. */
export function readSettings(env: Environment, readFile: ReadFile): Reading {
  const values: Record<string, unknown> = {};
  const problems: ConfigProblem[] = [];
  for (const [name, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const { value, problems: found } = readSetting(name, setting, env, readFile);
    values[name] = value;
    problems.push(...found);
  }
  return { values, problems };
}

export function isGiven(env: Environment, name: SettingName): boolean {
  const fileVariable = fileVariableOf(name);
  return [name, ...(fileVariable ? [fileVariable] : [])].some((variable) => valueIn(env, variable));
}

/** The variables that hold anything. */
export function variablesIn(env: Environment): readonly string[] {
  return Object.keys(env).filter((variable) => valueIn(env, variable));
}

/** A problem of a setting that is not in its text alone. */
export function problemWith(name: SettingName, env: Environment, message: string): ConfigProblem {
  return problemOf(SETTINGS[name], name, env, message);
}

function readSetting(
  name: string,
  setting: Setting<unknown>,
  env: Environment,
  readFile: ReadFile,
): { readonly value?: unknown; readonly problems: readonly ConfigProblem[] } {
  const source = sourceOf(name, env, readFile);
  const { variable } = source;
  if ('problem' in source) return { problems: [problemOf(setting, variable, env, source.problem)] };

  const text = source.text ?? setting.default;
  if (text === undefined) {
    const missing = problemOf(setting, name, env, `is not set. ${setting.description}`);
    return { problems: setting.required ? [missing] : [] };
  }
  const parsed = setting.parse(text, readFile);
  if ('value' in parsed) return { value: parsed.value, problems: [] };
  const where = variable === name ? '' : 'names a file whose content ';
  return { problems: parsed.problems.map((problem) => problemOf(setting, variable, env, where + problem)) };
}

function sourceOf(name: string, env: Environment, readFile: ReadFile): Source {
  const text = valueIn(env, name);
  const variable = fileVariableOf(name);
  const path = variable && valueIn(env, variable);
  if (!path) return { variable: name, text };
  if (text) return { variable: name, problem: `is given twice, here and by ${variable}: keep one` };
  try {
    const content = readFile(path).trim();
    return content === '' ? { variable, problem: 'names an empty file' } : { variable, text: content };
  } catch (error) {
    return { variable, problem: `names a file that cannot be read: ${reasonOf(error)}` };
  }
}

function valueIn(env: Environment, variable: string): string | undefined {
  return env[variable]?.trim() || undefined;
}

function problemOf(
  setting: Setting<unknown>,
  variable: string,
  env: Environment,
  message: string,
): ConfigProblem {
  return {
    setting: variable,
    found: setting.secret ? undefined : presentable(valueIn(env, variable)),
    message,
    // X_FILE is no setting itself.
    example: variable in SETTINGS ? setting.example : `/run/secrets/${variable.toLowerCase()}`,
  };
}

/** Short, on one line, and without what may be a secret: somebody may have put it into the wrong place. */
function presentable(found: string | undefined): string | undefined {
  const line = found
    ?.replace(/\s+/g, ' ')
    .replace(CREDENTIALS, '$1…@')
    .replace(QUERY, '$1…')
    .replace(TOKEN, '…');
  return line && line.length > FOUND_LENGTH ? `${line.slice(0, FOUND_LENGTH)}…` : line;
}

/** The user and password of a URL, also of one that lacks its scheme or slashes. */
const CREDENTIALS = /^([a-z][a-z\d+.-]*:\/{0,2}|\/\/).*@/i;
const QUERY = /^(https?:[^?#]*[?#]).+$/i;
/** Synapse's, those of its authentication service, and what "openssl rand -hex" makes. */
const TOKEN = /\b(?:syt|syr|mat|mct|mcr|mpt)_\w+|\b[\da-f]{32,}\b/gi;
