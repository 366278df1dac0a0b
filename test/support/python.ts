import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CACHE = fileURLToPath(new URL('../../.e2e/', import.meta.url));

const run = promisify(execFile);

/**
 * The Python of a virtual environment that has these packages, made once and kept in a git-ignored folder. It is
 * made aside and renamed when it is complete, so that test files that come here at the same time don't disturb
 * each other. Its scripts don't survive the renaming: run modules, by `-m`.
 */
export async function installFromPyPI(name: string, requirements: readonly string[]): Promise<string> {
  const directory = `${CACHE}${name}`;
  const python = `${directory}/bin/python`;
  if (await exists(python)) return python;
  await mkdir(CACHE, { recursive: true });
  const building = await mkdtemp(`${CACHE}building-`);
  await run('python3', ['-m', 'venv', building]);
  await run(`${building}/bin/python`, ['-m', 'pip', 'install', '--quiet', ...requirements]);
  await rename(building, directory).catch(async (error: unknown) => {
    await rm(building, { recursive: true });
    if (!(await exists(python))) throw error;
  });
  return python;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
