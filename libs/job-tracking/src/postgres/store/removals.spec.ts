import { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { withConnection } from '../../../../../test/support/connection.js';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/database.js';
import { eventually } from '../../../../../test/support/eventually.js';
import { Database } from '../sending/database.js';
import { findRemovable } from '../sql/find-many.js';
import { removeMany } from '../sql/many.js';
import { changeMany, remove } from './operate.js';

/** A removal looks at the job, and a grant moves its last attempt to history meanwhile: neither is left without the other. */
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());
afterEach(() => database.sql('truncate job, job_past_attempt'));

const FAILED = `insert into job (kind, id, status, claims, attempts, failures, token, worker, outcome, started_at, finished_at)
  values ('kind', 'job', 'failed', 1, 1, 1, gen_random_uuid(), 'w', 'failed', now(), now())`;
/** One that began and ended, all at the moment of the last change. */
const GRANTED = [
  `insert into job_past_attempt (kind, id, claim, attempt, token, worker, outcome, started_at, ended_at)
    select kind, id, claims, attempts, token, worker, outcome, started_at, finished_at from job`,
  'update job set claims = claims + 1, attempts = attempts + 1, failures = failures + 1, token = gen_random_uuid()',
];
const history = () => database.sql('select kind, id from job_past_attempt');
const waits = (event: string) =>
  eventually(async () =>
    expect(
      await database.sql(
        'select 1 from pg_stat_activity where datname = current_database() and wait_event_type = $1 and wait_event = $2',
        ['Lock', event],
      ),
    ).toHaveLength(1),
  );

async function withDatabase<T>(options: string, work: (db: Database) => Promise<T>): Promise<T> {
  const pool = new Pool({ connectionString: database.url, max: 1, options });
  try {
    return await work(new Database(pool as never, { patience: 0, schema: undefined }));
  } finally {
    await pool.end();
  }
}

test('a removal that has waited for a grant, and for its end, takes their history along', async () => {
  await database.sql(FAILED);
  await withDatabase('', (db) =>
    withConnection(database.url, async (other) => {
      await other.query('begin');
      for (const step of GRANTED) await other.query(step);
      const removed = remove(db, { kind: 'kind', id: 'job' });
      await waits('transactionid');
      await other.query('commit');
      expect(await removed).toMatchObject({ changed: true });
    }),
  );
  expect(await history()).toEqual([]);
});

test('a removal of many leaves alone what was granted since its statement began', async () => {
  await database.sql(FAILED);
  const verb = { find: findRemovable.replaceAll('"job"', 'public.job'), change: removeMany };
  await database.sql('create schema ahead');
  await database.sql(`create function ahead.passed() returns boolean language sql volatile as
    'select pg_advisory_xact_lock_shared(1) is not null'`);
  await database.sql('create view ahead.job as select * from public.job where ahead.passed()');
  await withDatabase('-c search_path=ahead,public', (db) =>
    withConnection(database.url, async (gate) => {
      await gate.query('select pg_advisory_lock(1)');
      const removed = changeMany(db, { kind: 'kind' }, verb);
      await waits('advisory');
      for (const step of GRANTED) await database.sql(step);
      await gate.query('select pg_advisory_unlock(1)');
      expect(await removed).toBe(0);
    }),
  );
  expect(await database.sql('select claims from job')).toEqual([{ claims: '2' }]);
  expect(await history()).toHaveLength(1);
});
