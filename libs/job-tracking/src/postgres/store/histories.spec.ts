import { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, test } from 'vitest';
import { FOUND } from '../../../../../test/histories/found-histories.js';
import { checkHistories, type Ground, playHistory } from '../../../../../test/histories/histories.js';
import { installTestClock, type TestClock } from '../../../../../test/histories/test-clock.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { createEmptyDatabase } from '../../../../../test/support/empty-database.js';
import { brokenHistory } from '../../../../../test/support/history.js';
import { SEED as DEFAULT_SEED } from '../../../../../test/support/seed.js';
import { type JobReader, type JobStore, verifyJobs } from '../../protocol/index.js';
import { postgresStore } from '../index.js';

/** `HISTORIES=10000 HISTORY_SEED=7` for more, and for the same again. */
const RUNS = Number(process.env.HISTORIES ?? 200);
const SEED = Number(process.env.HISTORY_SEED ?? DEFAULT_SEED);

let database: TestDatabase;
let clock: TestClock;
let orm: MikroORM;
let store: JobStore & JobReader;

beforeAll(async () => {
  database = await createEmptyDatabase();
  clock = await installTestClock(database, new Date('2026-01-01T00:00:00Z'));
  orm = await MikroORM.init({ clientUrl: database.url, entities: [], discovery: { warnWhenNoEntities: false } });
  store = await postgresStore(orm, { migrations: 'run', schema: 'public', startTimeout: 10_000 });
  await store.open();
});
afterAll(async () => {
  await store?.close();
  await orm?.close();
  await database?.drop();
});

async function begin(): Promise<Ground> {
  await database.sql('with past as (delete from job_past_attempt) delete from job');
  return {
    store,
    ...clock,
    inspect: async () => [
      ...(await verifyJobs(store, {})).violations,
      ...(await brokenHistory(database.sql, { retried: true })),
    ],
  };
}

test.each(FOUND)('%s: a history that was red once keeps the promise on PostgreSQL', async (_, history) => {
  await playHistory(begin, history);
});

test(
  `${RUNS} random histories keep the promise on PostgreSQL (seed ${SEED})`,
  async () => {
    const tally = await checkHistories(begin, { runs: RUNS, seed: SEED });
    const heard = [...tally.values()].reduce((sum, count) => sum + count, 0);
    console.info(`${RUNS} histories on PostgreSQL, ${heard} answers of ${tally.size} kinds, seed ${SEED}`);
  },
  60_000 + 500 * RUNS,
);
