import { installSuites } from './suites.ts';

/** Before all test files, which run at the same time. */
export async function setup(): Promise<void> {
  await installSuites();
}
