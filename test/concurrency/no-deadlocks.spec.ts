import { JobRefusedError, type JobRun } from 'nestjs-job-tracking';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { withConnection } from '../support/connection.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { brokenHistory } from '../support/history.js';

/** `CHAOS_SECONDS=60` for a long one. */
const SECONDS = Number(process.env.CHAOS_SECONDS ?? 4);
const KIND = 'crowd';
const IDS = 80;
const APPS = 3;
const POLICY = { lease: '5s', maxAttempts: 1_000, backoff: 1 } as const;

let database: TestDatabase;
let apps: TestApp[] = [];
/** What the apps' loggers were told at the level of errors: polls that failed, outcomes that could not be written. */
const logged: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  apps = await Promise.all(Array.from({ length: APPS }, () => startApp({ url: database.url })));
  const quiet = () => {};
  const listener = {
    log: quiet,
    warn: quiet,
    debug: quiet,
    verbose: quiet,
    error: (line: string) => logged.push(line),
  };
  for (const { nest } of apps) nest.useLogger(listener);
});
afterAll(async () => {
  await Promise.all(apps.map((app) => app.close()));
  await database?.drop();
});

const anId = () => String(Math.floor(Math.random() * IDS));
const someIds = () => Array.from({ length: 30 }, anId);

/** Ends as it comes: half succeed, and are made to run again. */
function work(run: JobRun): unknown {
  const dice = Math.random();
  if (dice < 0.4) throw new Error('as planned');
  return dice < 0.5 ? run.snooze(1) : run.job.claims;
}

/** Every verb that locks rows, over the same ids. */
const VERBS: readonly ((app: TestApp) => Promise<unknown>)[] = [
  ({ tracker }) => tracker.settle({ kind: KIND, id: anId() }, work, { ...POLICY, onDuplicate: 'rerun' }),
  ({ tracker }) => tracker.settle({ kind: KIND, id: anId() }, work, { ...POLICY, onMissing: 'refuse' }),
  ({ tracker }) => tracker.registerMany(someIds().map((id) => ({ kind: KIND, id }))),
  ({ tracker }) => tracker.register({ kind: KIND, id: anId() }),
  ({ tracker }) => tracker.remove({ kind: KIND, id: anId() }),
  ({ tracker }) => tracker.removeMany({ kind: KIND, ids: someIds() }),
  ({ tracker }) => tracker.retryMany({ kind: KIND, ids: someIds() }, { rerun: true }),
  ({ tracker }) => tracker.ignoreMany({ kind: KIND, ids: someIds() }, 'an operator'),
  ({ tracker }) => tracker.retry({ kind: KIND, id: anId() }),
  ({ tracker }) => tracker.release({ kind: KIND, id: anId() }),
];

it(
  'overlapping claims, sets, registrations, removals and operators bring up no deadlock and no error, and lose nothing',
  async () => {
    const until = performance.now() + SECONDS * 1_000;
    let calls = 0;
    const errors: unknown[] = [];
    const consumers = apps.map((app) =>
      app.tracker.consume(KIND, work, { ...POLICY, concurrency: 8, pollInterval: 10 }),
    );
    const crowd = apps.flatMap((app) =>
      VERBS.map(async (verb) => {
        for (; performance.now() < until; calls++)
          await verb(app).catch((error) => {
            if (!(error instanceof JobRefusedError)) errors.push(error);
          });
      }),
    );
    await Promise.all(crowd);
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    const ran = consumers.map(({ counts }) => Object.values(counts).reduce((sum, n) => sum + n));
    console.info(`${calls} calls of ${APPS * VERBS.length} callers, ${ran.join(' + ')} runs of consumers`);
    expect(errors).toEqual([]);
    expect(logged).toEqual([]);
    expect(await database.sql(`select id from job where status = 'in_progress'`)).toEqual([]);
    expect(await brokenHistory(database.sql, { retried: true })).toEqual([]);

    // A deadlock is sent again and would not surface: the server has counted. Backends tell when they end.
    await Promise.all(apps.splice(0).map((app) => app.close()));
    const deadlocks = await withConnection(database.url, (pg) =>
      pg.query('select deadlocks::int from pg_stat_database where datname = current_database()'),
    );
    expect(deadlocks.rows).toEqual([{ deadlocks: 0 }]);
  },
  SECONDS * 1_000 + 30_000,
);
