import { defineConfig } from 'vitest/config';

/** What takes minutes, or needs more than npm brings. */
const APART = ['e2e', 'conformance', 'faults', 'crash', 'abuse', 'console'].map(
  (folder) => `test/${folder}/**`,
);

/** fast: no network beyond loopback. conformance and e2e install what they need from PyPI into `.e2e/`. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: APART,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: ['test/faults/tally.ts'],
          testTimeout: 60_000,
          // They wait more than they work.
          maxWorkers: 6,
        },
      },
      {
        test: {
          name: 'crash',
          include: ['test/crash/**/*.test.ts'],
          testTimeout: 1_200_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'abuse',
          include: ['test/abuse/**/*.test.ts'],
          testTimeout: 240_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'console',
          include: ['test/console/**/*.test.ts'],
          globalSetup: ['test/support/console/chromium.ts'],
          testTimeout: 60_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'screenshots',
          include: ['test/console/screenshots.ts'],
          globalSetup: ['test/support/console/chromium.ts'],
          testTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          globalSetup: ['test/conformance/install.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
