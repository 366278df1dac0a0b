import { defineConfig } from 'vitest/config';

/** For one part at a time; `run.ts` says for which. */
export default defineConfig({
  test: {
    include: JSON.parse(process.env.MUTATION_TESTS ?? '[]'),
    // What a change has wait for ever is noticed soon.
    testTimeout: 2500,
  },
});
