import { defineConfig } from 'vitest/config';

/** One suite: unit tests beside their files, what crosses floors in `tests/`. Real servers come from `tests/kit`. */
export default defineConfig({
  test: {
    include: ['{contracts,web,api,workflows,activities,connectors,db,temporal,system,simulators}/**/*.test.{ts,tsx}', 'tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
