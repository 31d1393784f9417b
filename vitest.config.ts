import { defineConfig } from 'vitest/config';
import { OLDER_POSTGRES } from './test/support/older-postgres.js';

/** Read by test/support/seed.ts, in every process of the run. */
if (process.env.npm_lifecycle_event === 'test:full') {
  process.env.SEED ??= String(Math.floor(Math.random() * 2 ** 31));
  console.info(`SEED=${process.env.SEED} for the same random choices again`);
}

const globalSetup = ['test/support/postgres.global-setup.ts'];
const everything = ['libs/**/*.spec.ts', 'apps/**/*.spec.ts', 'test/!(full)/**/*.spec.ts', 'test/*.spec.ts'];
/** What wants programs that npm does not bring. */
const ofPrograms = 'test/full/**/*.spec.ts';
/** What stands and falls with the server: the store's laws, who waits for whom, and processes that race for the same rows. */
const ofTheServer = ['libs/job-tracking/src/postgres/**/*.spec.ts', 'test/concurrency/**/*.spec.ts'];

/** `npm run test:full`: everything, and on each older PostgreSQL what stands and falls with the server. */
const full = [
  { extends: true as const, test: { name: 'PostgreSQL 18', include: [...everything, ofPrograms], globalSetup } },
  ...OLDER_POSTGRES.map((version) => ({
    extends: true as const,
    test: {
      name: `PostgreSQL ${Number.parseInt(version, 10)}`,
      include: ofTheServer,
      globalSetup,
      env: { POSTGRES_VERSION: version },
    },
  })),
];

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    ...(process.env.npm_lifecycle_event === 'test:full' ? { projects: full } : { include: everything, globalSetup }),
    setupFiles: ['test/support/seed.setup.ts'],
    reporters: ['default', './test/support/last-line.reporter.ts'],
    pool: 'forks',
    // Every worker opens connections of its own to one server, and most laws are about time: more workers than cores lie.
    maxWorkers: 2,
    // A process of its own for each of 150 files would load Nest and the library 150 times: a fifth of the whole.
    isolate: false,
    // A cached transform outlives a change of tsconfig.json, decorators then compile as before: not worth the second.
    fsModuleCache: false,
    // A law waits for events; this only ends one that would wait for ever, also on a machine that is busy with other things.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000, interval: 20 } },
  },
});
