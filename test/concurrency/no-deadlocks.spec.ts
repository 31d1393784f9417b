import { JobRefusedError, type JobRun } from 'nestjs-job-tracking';
import { describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { withConnection } from '../support/connection.js';
import { createTestDatabase } from '../support/database.js';
import { brokenHistory } from '../support/history.js';
import { chanceOf } from '../support/seed.js';

/** `CHAOS_SECONDS=60` for long ones. */
const SECONDS = Number(process.env.CHAOS_SECONDS ?? 3);
const KIND = 'crowd';
const IDS = 100;
const APPS = 3;
const POLICY = { lease: '5s', maxAttempts: 1_000, backoff: 1 } as const;

const chance = chanceOf('a crowd');

type Verb = (app: TestApp) => Promise<unknown>;

const anId = () => String(Math.floor(chance() * IDS));
const someIds = (count: number) => Array.from({ length: count }, anId);

/** Ends as it comes; what succeeds is made to run again. */
function work(run: JobRun): unknown {
  const dice = chance();
  if (dice < 0.4) throw new Error('as planned');
  return dice < 0.5 ? run.snooze(1) : run.job.claims;
}

const registerMany: Verb = ({ tracker }) => tracker.registerMany(someIds(64).map((id) => ({ kind: KIND, id })));
const removeMany: Verb = ({ tracker }) => tracker.removeMany({ kind: KIND, ids: someIds(40) });
const retryMany: Verb = ({ tracker }) => tracker.retryMany({ kind: KIND, ids: someIds(40) }, { rerun: true });
const ignoreMany: Verb = ({ tracker }) => tracker.ignoreMany({ kind: KIND, ids: someIds(40) }, 'an operator');
const settle: Verb = ({ tracker }) =>
  tracker.settle({ kind: KIND, id: anId() }, work, { ...POLICY, onDuplicate: 'rerun' });

const SETS: readonly Verb[] = [registerMany, registerMany, registerMany, removeMany, removeMany, settle];
const EVERY_VERB: readonly Verb[] = [
  registerMany,
  removeMany,
  retryMany,
  ignoreMany,
  settle,
  ({ tracker }) => tracker.settle({ kind: KIND, id: anId() }, work, { ...POLICY, onMissing: 'refuse' }),
  ({ tracker }) => tracker.register({ kind: KIND, id: anId() }),
  ({ tracker }) => tracker.remove({ kind: KIND, id: anId() }),
  ({ tracker }) => tracker.retry({ kind: KIND, id: anId() }),
  ({ tracker }) => tracker.release({ kind: KIND, id: anId() }),
];

/** Errors that reached a caller, or a logger at the level of errors: polls that failed, outcomes that could not be written. */
async function crowded(
  apps: readonly TestApp[],
  verbs: readonly Verb[],
): Promise<{ calls: number; errors: unknown[] }> {
  const until = performance.now() + SECONDS * 1_000;
  const errors: unknown[] = [];
  const quiet = () => {};
  const listener = {
    log: quiet,
    warn: quiet,
    debug: quiet,
    verbose: quiet,
    error: (line: string) => errors.push(line),
  };
  for (const { nest } of apps) nest.useLogger(listener);
  const consumers = apps.map((app) => app.tracker.consume(KIND, work, { ...POLICY, concurrency: 8, pollInterval: 10 }));
  let calls = 0;
  const crowd = apps.flatMap((app) =>
    verbs.map(async (verb) => {
      for (; performance.now() < until; calls++)
        await verb(app).catch((error) => {
          if (!(error instanceof JobRefusedError)) errors.push(error);
        });
    }),
  );
  await Promise.all(crowd);
  await Promise.all(consumers.map((consumer) => consumer.stop()));
  return { calls, errors };
}

describe('a crowd over the same jobs brings up no deadlock and no error, and loses nothing:', () => {
  it.each([
    ['sets that register, claim and remove', SETS, 'read committed'],
    ['every verb that locks rows', EVERY_VERB, 'read committed'],
    ['every verb, where the database’s default is serializable', EVERY_VERB, 'serializable'],
  ])('%s', { timeout: SECONDS * 1_000 + 30_000 }, async (_, verbs, isolation) => {
    const database = await createTestDatabase();
    await database.sql(`alter database ${database.name} set default_transaction_isolation = '${isolation}'`);
    const apps = await Promise.all(Array.from({ length: APPS }, () => startApp({ url: database.url })));
    try {
      const { calls, errors } = await crowded(apps, verbs);
      console.info(`${calls} calls of ${APPS * verbs.length} callers in ${SECONDS} s`);
      expect(errors).toEqual([]);
      expect(await database.sql(`select id from job where status = 'in_progress'`)).toEqual([]);
      expect(await brokenHistory(database.sql, { retried: true })).toEqual([]);
    } finally {
      await Promise.all(apps.map((app) => app.close()));
    }
    // A deadlock is sent again and does not surface, but the server has counted: backends tell when they end.
    const { rows } = await withConnection(database.url, (pg) =>
      pg.query('select deadlocks::int from pg_stat_database where datname = current_database()'),
    );
    expect(rows).toEqual([{ deadlocks: 0 }]);
    await database.drop();
  });
});
