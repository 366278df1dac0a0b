import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installFromPyPI } from '../support/python.ts';
import { SECRET } from '../support/usher.ts';

export const VERSIONS = {
  'scim2-tester': '0.5.2',
  'scim2-cli': '0.6.0',
  'scim2-client': '0.13.2',
  'scim2-models': '0.12.3',
  'scim-sanity': '0.7.4',
} as const;

export type Suite = keyof typeof VERSIONS;

/** What a suite looked at. `detail` is what it has to say of it. */
export type Check = { readonly name: string; readonly passed: boolean; readonly detail: string };

type Ran = { readonly exitCode: unknown; readonly stdout: string; readonly stderr: string };

/** The Python that has them all. The versions are in the folder's name: others are another folder. */
export function installSuites(): Promise<string> {
  const pins = Object.entries(VERSIONS).map(([name, version]) => `${name}==${version}`);
  return installFromPyPI(`conformance-${Object.values(VERSIONS).join('-')}`, pins);
}

/** Runs Python to its end, whatever that is. The token is in the environment as `SCIM_TOKEN`. */
export async function runPython(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const python = await installSuites();
  const options = {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', SCIM_TOKEN: SECRET, ...env },
    maxBuffer: 64 * 1024 * 1024,
  };
  return new Promise((resolve) => {
    const child = execFile(python, args, options, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : error.code, stdout, stderr }),
    );
    child.stdin?.end(); // scim2-cli reads it to its end
  });
}

/** What one of the programs printed. */
export async function runProgram(program: string, ...args: readonly string[]): Promise<readonly Check[]> {
  const path = fileURLToPath(new URL(`programs/${program}`, import.meta.url));
  return printed(await runPython([path, ...args])) as readonly Check[];
}

export function printed({ exitCode, stdout, stderr }: Ran): unknown {
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new Error(`ended with ${exitCode} and printed no JSON: ${stdout}${stderr}`, { cause });
  }
}
