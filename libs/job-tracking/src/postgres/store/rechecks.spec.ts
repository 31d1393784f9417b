import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { withConnection } from '../../../../../test/support/connection.js';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/database.js';
import { eventually } from '../../../../../test/support/eventually.js';
import type { JobFilter } from '../../protocol/index.js';
import { Database } from '../sending/database.js';
import { findIgnorable, findRemovable, findRetriable } from '../sql/find-many.js';
import { ignoreMany, removeMany, retryMany } from '../sql/many.js';
import { changeMany, type ManyVerb } from './operate.js';

/**
 * A bite sees a job as it was when its statement began, and locks it as it is: in between somebody changes it and commits. The statement is held up
 * in between by a view over the table, whose condition waits for a lock of this test's; the search for the jobs is not.
 */
const found = (text: string) => text.replaceAll('"job"', 'public.job');
const VERBS: Record<'retryMany' | 'ignoreMany' | 'removeMany', ManyVerb> = {
  retryMany: { find: found(findRetriable), change: retryMany, choice: [true, true] },
  ignoreMany: { find: found(findIgnorable), change: ignoreMany, also: ['by many'] },
  removeMany: { find: found(findRemovable), change: removeMany },
};

let database: TestDatabase;
let pool: Pool;
let db: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql('create schema ahead');
  await database.sql(`create function ahead.passed() returns boolean language sql volatile as
    'select pg_advisory_xact_lock_shared(1) is not null'`);
  await database.sql('create view ahead.job as select * from public.job where ahead.passed()');
  pool = new Pool({ connectionString: database.url, max: 1, options: '-c search_path=ahead,public' });
  db = new Database(pool as never, { patience: 0, schema: undefined });
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});
beforeEach(async () => {
  await database.sql('truncate job, job_past_attempt');
  await database.sql(`insert into job
    (kind, id, status, claims, attempts, failures, token, worker, outcome, started_at, finished_at, run_at, error, updated_at)
    values ('kind', 'job', 'failed', 1, 1, 1, gen_random_uuid(), 'w', 'failed', now(), now(), now(),
      '{"name":"Error","message":"no","fingerprint":"f00d"}', now() - interval '1 h')`);
});

const CHANGED = 'update job set updated_at = now(), ';
const RETRIED = `${CHANGED} status = 'pending', failures = 0, crashes = 0`;
const IGNORED = `${CHANGED} status = 'ignored', reason = 'by hand'`;
const GRANTED = `${CHANGED} status = 'in_progress', outcome = null, finished_at = null, expires_at = now() + interval '1 h'`;
const SUCCEEDED = `${CHANGED} status = 'succeeded', outcome = 'succeeded', failures = 0`;
const FAILED_OTHERWISE = `${CHANGED} error = '{"name":"Error","message":"no","fingerprint":"beef"}'`;
const REGISTERED_ANEW = `delete from job; insert into job (kind, id) values ('kind', 'job')`;

const row = async () => (await database.sql('select status, reason, failures, error, updated_at, token from job'))[0];

/** The verb, with the change carried out and committed after its statement has begun, and before it has locked the job. */
async function meanwhile(verb: keyof typeof VERBS, filter: JobFilter, change: string) {
  return withConnection(database.url, async (gate) => {
    await gate.query('select pg_advisory_lock(1)');
    const changed = changeMany(db, { kind: 'kind', ...filter }, VERBS[verb]);
    await eventually(async () => {
      const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`;
      expect(await database.sql(waiting)).toHaveLength(1);
    });
    await database.sql(change);
    const before = await row();
    await gate.query('select pg_advisory_unlock(1)');
    return { changed: await changed, before };
  });
}

const A_WHILE_AGO = new Date(Date.now() - 1_800_000);
test.each<[keyof typeof VERBS, string, JobFilter, string]>([
  ['retryMany', 'ignored', { statuses: ['failed'] }, IGNORED],
  ['retryMany', 'granted', {}, GRANTED],
  ['retryMany', 'retried', {}, RETRIED],
  ['ignoreMany', 'retried', { statuses: ['failed'] }, RETRIED],
  ['ignoreMany', 'granted', {}, GRANTED],
  ['ignoreMany', 'ignored for another reason', {}, IGNORED],
  ['ignoreMany', 'ended as succeeded', {}, SUCCEEDED],
  ['ignoreMany', 'failed for another cause', { errorFingerprint: 'f00d' }, FAILED_OTHERWISE],
  ['ignoreMany', 'changed later than the filter says', { updatedBefore: A_WHILE_AGO }, FAILED_OTHERWISE],
  ['ignoreMany', 'removed and registered anew', {}, REGISTERED_ANEW],
  ['removeMany', 'retried', { statuses: ['failed'] }, RETRIED],
  ['removeMany', 'granted', {}, GRANTED],
  ['removeMany', 'ignored', { statuses: ['failed'] }, IGNORED],
  ['removeMany', 'changed later than the filter says', { updatedBefore: A_WHILE_AGO }, FAILED_OTHERWISE],
  ['removeMany', 'removed and registered anew', {}, REGISTERED_ANEW],
])('%s leaves alone a job that was %s since its statement began', async (verb, _, filter, change) => {
  const { changed, before } = await meanwhile(verb, filter, change);
  expect(changed).toBe(0);
  expect(await row()).toEqual(before);
});

test.each<[keyof typeof VERBS, string, string | undefined]>([
  ['retryMany', IGNORED, 'pending'],
  ['ignoreMany', RETRIED, 'ignored'],
  ['removeMany', RETRIED, undefined],
])('%s takes a job that has changed since its statement began, and matches still', async (verb, change, status) => {
  expect((await meanwhile(verb, {}, change)).changed).toBe(1);
  expect((await row())?.status).toBe(status);
});
