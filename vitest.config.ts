import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ['libs/**/*.spec.ts', 'apps/**/*.spec.ts', 'test/**/*.spec.ts'],
    globalSetup: ['test/support/postgres.global-setup.ts'],
    reporters: ['default', './test/support/last-line.reporter.ts'],
    pool: 'forks',
    // Every worker opens connections of its own to one server, and most laws are about time: more workers than cores lie.
    maxWorkers: 2,
    // A cached transform outlives a change of tsconfig.json, decorators then compile as before: not worth the second.
    fsModuleCache: false,
    // A law waits for events; this only ends one that would wait for ever, also on a machine that is busy with other things.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
