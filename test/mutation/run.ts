/**
 * Changes the code in small ways, one at a time, and counts the changes that no test notices (mutation testing, Stryker).
 * Usage: npm run mutation -- PART [FILES]. What was found before is not tried again, until code or tests change. Ends
 * with 1 if fewer than 90 % are noticed.
 */
import { Stryker } from '@stryker-mutator/core';
import { isPart, PARTS } from './parts.ts';

const LEAST_PERCENT = 90;

const [name = '', ...files] = process.argv.slice(2);
if (!isPart(name)) {
  process.stderr.write(`Usage: npm run mutation -- ${Object.keys(PARTS).join('|')} [FILES]\n`);
  process.exit(2);
}

const { mutate, tests } = PARTS[name];
// The tests of a part and no others: for the configuration of Vitest, which Stryker reads in a process of its own.
// Its own option `testFiles` does not do: mutants of what is evaluated when a file is loaded would all survive.
process.env.MUTATION_TESTS = JSON.stringify(tests);
const results = await new Stryker({
  mutate: files.length > 0 ? files : [...mutate],
  testRunner: 'vitest',
  plugins: [import.meta.resolve('@stryker-mutator/vitest-runner')],
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  // What was unpacked for other tests: links that lead out of the folder.
  ignorePatterns: ['.tools', '.e2e'],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  timeoutMS: 3000,
  incremental: true,
  incrementalFile: `coverage/mutation/${name}.json`,
  tempDirName: 'coverage/mutation/sandbox',
  // It wants the API of TypeScript 6, and there is nothing in ours to be changed for a copy of the project.
  tsconfigFile: 'none',
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { logTests: false, allowColor: false },
  thresholds: { high: 95, low: LEAST_PERCENT, break: LEAST_PERCENT },
}).runMutationTest();
if (results.length === 0) {
  process.stderr.write('Nothing was tried: there is no such file, or nothing in it\n');
  process.exitCode = 1;
}
