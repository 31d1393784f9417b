import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/database.js';
import type { JobFilter } from '../../protocol/index.js';
import { Database } from '../sending/database.js';
import { findIgnorable, findRemovable, findRetriable } from '../sql/find-many.js';
import { ignoreMany, removeMany, retryMany } from '../sql/many.js';
import { conditions } from './filter.js';
import { changeMany } from './operate.js';

/** What a statement costs is counted in pages that it looks at: that is the same on a slow machine. */
const JOBS = 20_500;
const KIND = 'kind';
const FAILED = `insert into job (kind, id, status, claims, attempts, failures, token, worker, outcome, started_at, finished_at, error)
  select '${KIND}', 'job-' || lpad(n::text, 6, '0'), 'failed', 1, 1, 1, gen_random_uuid(), 'w', 'failed', now(), now(),
    '{"name":"Error","message":"no","fingerprint":"f00d"}' from generate_series(1, ${JOBS}) n`;

interface Explained {
  'QUERY PLAN': { Plan: Record<'Shared Hit Blocks' | 'Shared Read Blocks', number> }[];
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  // Nothing takes away what is dead, and nothing counts what is there, before the test has looked.
  for (const table of ['job', 'job_past_attempt'])
    await database.sql(`alter table ${table} set (autovacuum_enabled = off)`);
});
afterAll(() => database?.drop());

const idOf = (n: number) => `job-${String(n).padStart(6, '0')}`;

/** How many pages the statement looks at. */
async function pagesOf(text: string, values: unknown[]): Promise<number> {
  const [explained] = await database.sql<Explained>(
    `explain (analyze, buffers, timing off, format json) ${text}`,
    values,
  );
  const plan = explained?.['QUERY PLAN'][0]?.Plan;
  return (plan?.['Shared Hit Blocks'] ?? Number.NaN) + (plan?.['Shared Read Blocks'] ?? Number.NaN);
}

const VERBS = [
  { name: 'retryMany', find: findRetriable, change: retryMany, choice: [false, false], also: [] },
  { name: 'ignoreMany', find: findIgnorable, change: ignoreMany, choice: [], also: ['by many'] },
  { name: 'removeMany', find: findRemovable, change: removeMany, choice: [], also: [] },
];
const FILTERS: JobFilter[] = [{}, { kind: KIND }, { kind: KIND, statuses: ['failed', 'pending'] }];

beforeEach(async () => {
  await database.sql('truncate job, job_past_attempt');
  await database.sql(FAILED);
});

// First of all, as nothing forgets what was analyzed.
describe.each(FILTERS)('of a verb over the jobs of %j', (filter) => {
  test.each(VERBS)('a bite of $name looks at its own jobs alone, though the table has no statistics', async (verb) => {
    const ids = Array.from({ length: 10 }, (_, n) => idOf(JOBS / 2 + n));
    const values = [...conditions(filter), ids.map(() => KIND), ids, ...verb.choice, ...verb.also];
    expect(await pagesOf(verb.change, values)).toBeLessThan(60 * ids.length);
  });
});

describe.each(FILTERS)('of a verb over the jobs of %j', (filter) => {
  test.each(VERBS)('the search of $name does not pass the jobs again that are behind it', async ({ find, choice }) => {
    await database.sql('analyze job');
    await database.sql('delete from job where id < $1', [idOf(JOBS - 100)]);
    const values = [...conditions(filter), 50, KIND, idOf(JOBS - 100), ...choice];
    expect(await pagesOf(find, values)).toBeLessThan(60);
  });
});

test('a verb takes all jobs, also where one search does not find them all', async () => {
  const pool = new Pool({ connectionString: database.url, max: 1 });
  try {
    const db = new Database(pool as never, { patience: 0, schema: undefined });
    expect(await changeMany(db, {}, { find: findRemovable, change: removeMany })).toBe(JOBS);
  } finally {
    await pool.end();
  }
});
