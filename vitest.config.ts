import { defineConfig } from 'vitest/config';

/** One suite: unit tests beside their files, what crosses floors in `tests/`. Real servers come from `tests/kit`. */
export default defineConfig({
  test: {
    include: [
      '{contracts,web,cli,api,workflows,activities,connectors,db,temporal,system,simulators}/**/*.test.{ts,tsx}',
      'tests/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', 'dist/**'],
    globalSetup: ['tests/kit/global-setup.ts'],
    testTimeout: 60_000,
    // One second, as it is by default, is nothing on a loaded machine.
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    // A loaded forge may stretch a moment beyond what a test of moments allows; the report names what was tried again.
    // Where that does not help, `tests/kit/run-all.ts` runs the whole file once more.
    retry: process.env['CI'] ? 1 : 0,
    coverage: {
      provider: 'v8',
      reportOnFailure: true,
      include: ['{contracts,web,cli,api,workflows,activities,connectors,db,temporal,system,simulators}/**/*.{ts,tsx}'],
      exclude: [
        '**/*.test.{ts,tsx}',
        '**/fixtures/**',
        // Counted is what runs in this process. Pages and components run in real Chromium (tests/browser), and the
        // entries of processes as processes of their own (tests/chaos).
        'web/**/*.tsx',
        'web/{kit,runs,playbooks,shell,settings,servers,hooks,schedules,audit,approvals,identity,stories}/*.ts',
        'api/main.ts',
        // Commands run as processes of their own too (tests/e2e/command-line*.test.ts).
        'cli/main.ts',
        'cli/{identity,queries,runs}/*.ts',
        'cli/playbooks/run.ts',
        'cli/kit/{client,download,files,find-by-name,follow,follow-log,session,terminal,watch-run}.ts',
        'temporal/worker-main.ts',
        'system/supervisor/{main,run-supervisor,child,db-url}.ts',
        'system/build/prepare.ts',
        'simulators/**',
      ],
      reporter: ['text-summary', 'json-summary'],
      reportsDirectory: 'coverage',
    },
  },
});
