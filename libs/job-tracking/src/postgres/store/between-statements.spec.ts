import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/database.js';
import { cut } from '../../../../../test/support/watched-pool.js';
import {
  type Change,
  type ClaimRequest,
  JobLockedError,
  JobNotDueError,
  JobNotReadyError,
  type NewJob,
  type OperatorVerb,
  operatorRefusal,
  refusalOf,
} from '../../protocol/index.js';
import { Database } from '../sending/database.js';
import { claimOrRegister } from '../sql/claim-or-register.js';
import { findRetriable } from '../sql/find-many.js';
import { ignoreJob } from '../sql/ignore-job.js';
import { retryMany } from '../sql/many.js';
import { getJob } from '../sql/read-jobs.js';
import { readStanding } from '../sql/read-standing.js';
import { register } from '../sql/register.js';
import { releaseJob } from '../sql/release-job.js';
import { removeJob } from '../sql/remove-job.js';
import { retryJob } from '../sql/retry-job.js';
import { claim } from './claim.js';
import { change, changeMany, ignorable, release, remove, retriable } from './operate.js';

/** Verbs of two statements, and what others make of the job between the two. */
let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url, max: 1 });
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

/** Right behind a statement of this text, before the next one is sent; each time, or as often as told. */
function behind(text: string, happens: string, times = 1): Database {
  let left = times;
  const query: Pool['query'] = pool.query.bind(pool);
  const watched = {
    async query(statement: { text: string; values: unknown[] }) {
      const answer = await query(statement);
      if (statement.text === text && left-- > 0) await database.sql(happens);
      return answer;
    },
    end: async () => {},
  };
  return new Database(watched as never, { patience: 0, schema: undefined });
}

const key = { kind: 'kind', id: 'job' };
const claimed = `claims = claims + 1, attempts = attempts + 1, token = gen_random_uuid(), worker = 'w', started_at = now(), updated_at = clock_timestamp() + interval '1 s'`;
const HELD = `status = 'in_progress', outcome = null, finished_at = null, expires_at = now() + interval '1 h'`;
const RUNS = `update job set ${claimed}, ${HELD}`;
const FAILS = `update job set status = 'failed', outcome = 'failed', finished_at = now(), expires_at = null, failures = failures + 1,
  updated_at = clock_timestamp() + interval '2 s'`;

async function begin(...steps: string[]): Promise<void> {
  await database.sql('delete from job');
  await database.sql(`insert into job (kind, id) values ('kind', 'job')`);
  for (const step of steps) await database.sql(step);
}

const retry = (db: Database) => change(db, retryJob, key, [false], (standing) => retriable(standing, false));

test('a job that runs and fails again right before its retry is retried all the same', async () => {
  await begin(RUNS, FAILS);
  const retried = retry(behind(getJob, `${RUNS}; ${FAILS}`));
  expect(await retried).toMatchObject({ changed: true, standing: { job: { status: 'pending', failures: 0 } } });
});

test('a job that is granted right before its retry is told as it is then: at work', async () => {
  await begin(RUNS, FAILS);
  const retried = retry(behind(getJob, RUNS));
  expect(await retried).toMatchObject({ changed: false, standing: { job: { status: 'in_progress' } } });
});

test('a job that runs and fails again right before it is ignored is ignored all the same', async () => {
  await begin();
  const ignored = change(behind(getJob, `${RUNS}; ${FAILS}`), ignoreJob, key, ['by hand'], ignorable);
  expect(await ignored).toMatchObject({ changed: true, standing: { job: { status: 'ignored' } } });
});

test('a job that is granted right behind a release that found it waiting is released', async () => {
  await begin();
  const released = release(behind(releaseJob, RUNS), key);
  expect(await released).toMatchObject({ changed: true, standing: { job: { status: 'pending', claims: 1 } } });
});

test('a job that ends and is granted anew, right before a release that has seen the run before, is released', async () => {
  await begin(RUNS);
  const released = release(behind(getJob, `${FAILS}; ${RUNS}`), key);
  expect(await released).toMatchObject({ changed: true, standing: { job: { status: 'pending', claims: 2 } } });
});

test('a job that runs and fails right before its removal is removed all the same', async () => {
  await begin();
  expect(await remove(behind(getJob, `${RUNS}; ${FAILS}`), key)).toMatchObject({ changed: true });
  expect(await database.sql('select 1 from job')).toEqual([]);
});

test('a verb over many jobs ends, and counts each job once, where they become again what it looks for', async () => {
  await begin(RUNS, FAILS);
  const again = behind(retryMany, `${RUNS}; ${FAILS}`, 5);
  const verb = { find: findRetriable, change: retryMany, choice: [false, false] };
  expect(await changeMany(again, { statuses: ['failed'] }, verb)).toBe(1);
});

test('a job that is removed right behind its registration for a later time is registered again', async () => {
  await database.sql('delete from job');
  const runAt = new Date(Date.now() + 60_000);
  const job = { ...key, data: null, dataHash: null, runAt, priority: 0, maxAttempts: null };
  const terms = { worker: 'w', lease: 1000, maxAttempts: 3, maxCrashes: 3, after: [] };
  const asked = {
    ...key,
    ...terms,
    token: crypto.randomUUID(),
    rerun: false,
    early: true,
    register: job,
    dataHash: undefined,
  };
  const answer = await claim(behind(register, 'delete from job'), asked);
  expect(answer).toMatchObject({ grant: null, standing: { job: { status: 'pending', runAt } } });
});

test.each<[verb: string, act: (db: Database) => Promise<unknown>]>([
  ['a retry', retry],
  ['an ignore', (db) => change(db, ignoreJob, key, ['by hand'], ignorable)],
  ['a removal', (db) => remove(db, key)],
])('%s changes the job of its kind and id alone, also among jobs that changed at the same moment', async (_, act) => {
  await begin(RUNS, FAILS);
  const alike = (kind: string, id: string) => `
    insert into job select (jsonb_populate_record(j, '{"kind":"${kind}","id":"${id}"}')).* from job j where kind = 'kind' and id = 'job'`;
  await database.sql(alike('other', 'job'));
  await database.sql(alike('kind', 'other'));
  const others = () => database.sql(`select * from job where (kind, id) <> ('kind', 'job') order by kind, id`);
  const before = await others();
  expect(await act(behind('', ''))).toMatchObject({ changed: true });
  expect(before).toHaveLength(2);
  expect(await others()).toEqual(before);
});

test.each<[what: string, happens: string, act: (db: Database) => Promise<unknown>]>([
  ['succeeded is not retried', `status = 'succeeded', outcome = 'succeeded'`, retry],
  [
    'succeeded is not ignored',
    `status = 'succeeded', outcome = 'succeeded'`,
    (db) => change(db, ignoreJob, key, ['by hand'], ignorable),
  ],
  ['been granted is not removed', `${claimed.replace(/, updated_at.*$/, '')}, ${HELD}`, (db) => remove(db, key)],
])(
  'a job that has %s, though it was found in another state that it left at the same moment',
  async (_, happens, act) => {
    await begin(RUNS, FAILS);
    expect(await act(behind(getJob, `update job set ${happens}`))).toMatchObject({ changed: false });
  },
);

/** Carries on by the pool, and keeps a statement of this text, to be sent once more. */
function keeping(text: string): { db: Database; sendAgain(): Promise<unknown> } {
  let kept: { text: string; values: unknown[] } | undefined;
  const db = new Database(
    {
      query(statement: { text: string; values: unknown[] }) {
        if (statement.text === text) kept = statement;
        return pool.query(statement);
      },
      end: async () => {},
    } as never,
    { patience: 0, schema: undefined },
  );
  return { db, sendAgain: () => (kept ? pool.query(kept) : Promise.reject(new Error('it was not sent at all'))) };
}

const SUCCEEDS = `update job set status = 'succeeded', outcome = 'succeeded', finished_at = now(), expires_at = null,
  updated_at = clock_timestamp() + interval '2 s'`;
const WAITS = `update job set status = 'pending', reason = null, updated_at = clock_timestamp() + interval '1 s'`;
const ANEW = `insert into job (kind, id, updated_at) values ('kind', 'job', clock_timestamp() + interval '1 s')`;

test.each<[verb: string, text: string, act: (db: Database) => Promise<unknown>, since: string[]]>([
  ['a rerun', retryJob, (db) => change(db, retryJob, key, [true], (found) => retriable(found, true)), [RUNS, SUCCEEDS]],
  ['an ignore', ignoreJob, (db) => change(db, ignoreJob, key, ['by hand'], ignorable), [WAITS]],
  ['a removal', removeJob, (db) => remove(db, key), [ANEW]],
  ['a release', releaseJob, (db) => release(db, key), [RUNS]],
])(
  '%s that reaches the database once more changes nothing of what was made of the job since',
  async (_, text, act, since) => {
    await begin(text === releaseJob ? RUNS : `update job set run_at = now() + interval '1 h'`);
    const { db, sendAgain } = keeping(text);
    expect(await act(db)).toMatchObject({ changed: true });
    for (const step of since) await database.sql(step);
    const before = await database.sql('select * from job');
    await sendAgain();
    expect(before).toHaveLength(1);
    expect(await database.sql('select * from job')).toEqual(before);
  },
);

test('a job that changes whenever a verb has looked at it is left in the end, and told as it stands', async () => {
  await begin(RUNS, FAILS);
  const changing = behind(getJob, `${RUNS}; ${FAILS}`, 50);
  expect(await retry(changing)).toMatchObject({ changed: false, standing: { job: { status: 'failed' } } });
});

/** Loses the first sending of a statement of this text: on its way, or when it has done its work; then others make something of the job. */
function losing(text: string, lost: 'sending' | 'answer', ...then: string[]): Database {
  let sendings = 0;
  const query = async (statement: { text: string; values: unknown[] }) => {
    if (statement.text !== text || sendings++ > 0) return pool.query(statement);
    if (lost === 'answer') await pool.query(statement);
    for (const step of then) await database.sql(step);
    return cut();
  };
  return new Database({ query, end: async () => {} } as never, { patience: 1_000, schema: undefined });
}

test('a retry whose answer was lost, and whose job has failed again since, is not done twice', async () => {
  await begin(RUNS, FAILS);
  expect(await retry(losing(retryJob, 'answer', RUNS, FAILS))).toMatchObject({
    changed: true,
    standing: { job: { status: 'failed', failures: 1, claims: 2 } },
  });
});

test('a release whose answer was lost does not take the lease of the run that came next', async () => {
  await begin(RUNS);
  await release(losing(releaseJob, 'answer', RUNS), key);
  expect(await database.sql('select status, claims from job')).toEqual([{ status: 'in_progress', claims: '2' }]);
});

test('a removal that was lost on its way removes the job though others have changed it meanwhile', async () => {
  await begin(RUNS, FAILS);
  expect(await remove(losing(removeJob, 'sending', RUNS, FAILS), key)).toMatchObject({ changed: true });
  expect(await database.sql('select 1 from job')).toEqual([]);
});

const INTERRUPTED = `update job set status = 'pending', outcome = 'interrupted', attempts = attempts - 1, finished_at = now(), expires_at = null,
  updated_at = clock_timestamp() + interval '2 s'`;

function asking(also: Partial<ClaimRequest> = {}): ClaimRequest {
  const terms = { worker: 'w', lease: 1000, maxAttempts: 1_000, maxCrashes: 3, after: [] };
  const how = { rerun: false, early: true, register: null, dataHash: undefined };
  return { ...key, ...terms, ...how, token: crypto.randomUUID(), ...also };
}

async function refusedBy(db: Database, request: ClaimRequest) {
  const answer = await claim(db, request);
  expect(answer).toMatchObject({ grant: null });
  return answer.grant ? undefined : refusalOf(request, answer.standing);
}

test.each<[what: string, ends: string, also: Partial<ClaimRequest>]>([
  ['succeeds, is locked to a caller who asks to rerun it', SUCCEEDS, { rerun: true }],
  ['fails, is locked to a caller who may run it at once', FAILS, {}],
  ['fails and is due at once, is locked to a caller who waits for its backoff', FAILS, { early: false }],
  ['is interrupted, is locked: it is no job that waits for its time', INTERRUPTED, {}],
])('a job that others run right before each claim of it, and that %s', async (_, ends, also) => {
  await begin(RUNS, ends);
  const refused = await refusedBy(behind(readStanding, `${RUNS}; ${ends}`, Number.POSITIVE_INFINITY), asking(also));
  expect(refused).toBeInstanceOf(JobLockedError);
  expect(refused).toMatchObject({ final: false, retryAfter: 100, message: expect.stringContaining('other callers') });
});

test('a missing job that is registered and removed right before each claim is registered all the same', async () => {
  await database.sql('delete from job');
  const register: NewJob = { ...key, data: null, dataHash: null, runAt: null, priority: 0, maxAttempts: null };
  let left = 20;
  const query: Pool['query'] = pool.query.bind(pool);
  const db = new Database(
    {
      async query(statement: { text: string; values: unknown[] }) {
        if (statement.text !== claimOrRegister || left-- <= 0) return query(statement);
        await database.sql(`insert into job (kind, id, run_at) values ('kind', 'job', now() + interval '1 h')`);
        const answer = await query(statement);
        await database.sql('delete from job');
        return answer;
      },
      end: async () => {},
    } as never,
    { patience: 0, schema: undefined },
  );
  expect(await claim(db, asking({ register }))).toMatchObject({ grant: { job: { claims: 1 } } });
});

test('a job that has succeeded, and whose earlier step has not, is not ready for a caller who asks to rerun it', async () => {
  await begin(RUNS, SUCCEEDS);
  const refused = await refusedBy(behind('', ''), asking({ rerun: true, after: ['before'] }));
  expect(refused).toBeInstanceOf(JobNotReadyError);
  expect(refused).toMatchObject({ final: false, waitsFor: ['before'] });
});

test('a job that backs off is not due for a caller who waits for that', async () => {
  await begin(RUNS, FAILS, `update job set run_at = now() + interval '1 h'`);
  expect(await refusedBy(behind('', ''), asking({ early: false }))).toBeInstanceOf(JobNotDueError);
});

test.each<[what: string, verb: OperatorVerb, ends: string, act: (db: Database) => Promise<Change>]>([
  ['a rerun', 'retry', SUCCEEDS, (db) => change(db, retryJob, key, [true], (found) => retriable(found, true))],
  ['a retry', 'retry', FAILS, retry],
  ['an ignore', 'ignore', FAILS, (db) => change(db, ignoreJob, key, ['by hand'], ignorable)],
  ['a removal', 'remove', SUCCEEDS, (db) => remove(db, key)],
])('a job that others run right before each try of %s is told to it as locked', async (what, verb, ends, act) => {
  await begin(RUNS, ends);
  const { standing, changed } = await act(behind(getJob, `${RUNS}; ${ends}`, Number.POSITIVE_INFINITY));
  expect(changed).toBe(false);
  const refused = operatorRefusal(key, verb, standing, what === 'a rerun');
  expect(refused).toBeInstanceOf(JobLockedError);
  expect(refused).toMatchObject({ final: false, message: expect.stringContaining('other callers') });
});
