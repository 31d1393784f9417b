import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withConnection } from '../../../../../test/support/connection.js';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/database.js';
import { eventually } from '../../../../../test/support/eventually.js';
import { cut, type Happening, once, WatchedPool } from '../../../../../test/support/watched-pool.js';
import type { ClaimRequest } from '../../protocol/index.js';
import { Database } from '../sending/database.js';
import { claimAgain, takeOver } from '../sql/claim-again.js';
import { claimFirst } from '../sql/claim-first.js';
import { readStanding } from '../sql/read-standing.js';
import { register } from '../sql/register.js';
import { claim } from './claim.js';
import { registerOne } from './register.js';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  // What waits where it should not is found out soon.
  pool = new Pool({ connectionString: database.url, max: 1, query_timeout: 3_000 });
});
beforeEach(async () => {
  await database.sql('truncate job, job_past_attempt');
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

function watched(...happenings: Happening[]): { db: Database; sent: string[] } {
  const watching = new WatchedPool(pool, happenings);
  return { db: new Database(watching, { patience: 1_000, schema: undefined }), sent: watching.sent };
}

const sql = (text: string) => () => database.sql(text);

const KEY = { kind: 'kind', id: 'job' };
const LEASE = 60_000;
const USED = '00000000-0000-4000-8000-000000000001';

function request(more: Partial<ClaimRequest> = {}): ClaimRequest {
  const terms = { worker: 'w', lease: LEASE, maxAttempts: 9, maxCrashes: 9, after: [] };
  return {
    ...KEY,
    ...terms,
    token: randomUUID(),
    rerun: false,
    early: true,
    register: null,
    dataHash: undefined,
    ...more,
  };
}

const REGISTERED = `insert into job (kind, id, data, data_hash) values ('kind', 'job', '1', 'one')`;
const RUNS = `update job set claims = claims + 1, attempts = attempts + 1, token = gen_random_uuid(), worker = 'other', started_at = now(),
  status = 'in_progress', outcome = null, finished_at = null, expires_at = now() + interval '1 h' where kind = 'kind'`;
const ENDS = `outcome = 'failed', finished_at = now(), expires_at = null, run_at = now() where kind = 'kind'`;
const FAILS = `update job set status = 'failed', ${ENDS}`;
const SUCCEEDS = `update job set status = 'succeeded', ${ENDS.replace('failed', 'succeeded')}`;
const EXPIRES = `update job set expires_at = now() - interval '1 s' where kind = 'kind'`;
const REMOVED = `delete from job_past_attempt; delete from job where kind = 'kind'`;
const STEP = `insert into job (kind, id, status, outcome, claims, attempts, token, worker, started_at, finished_at)
  values ('step', 'job', 'succeeded', 'succeeded', 1, 1, gen_random_uuid(), 'other', now(), now())`;

async function begin(...steps: string[]): Promise<void> {
  for (const step of steps) await database.sql(step);
}

const row = async () => (await database.sql('select * from job where kind = $1', ['kind']))[0];

describe('what becomes of a job between the moment when a claim has read it and the claim itself', () => {
  test.each<[what: string, steps: string[], happens: string, more: Partial<ClaimRequest>, expected: object]>([
    [
      'its late holder renews',
      [RUNS, EXPIRES],
      `update job set expires_at = now() + interval '1 h'`,
      {},
      { status: 'in_progress' },
    ],
    ['its late holder succeeds', [RUNS, EXPIRES], SUCCEEDS, {}, { status: 'succeeded' }],
    [
      'its late holder fails, and it backs off',
      [RUNS, EXPIRES],
      FAILS.replace('run_at = now()', "run_at = now() + interval '1 h'"),
      { early: false },
      { status: 'failed' },
    ],
    ['others run it, and it succeeds', [RUNS, FAILS], `${RUNS}; ${SUCCEEDS}`, {}, { status: 'succeeded' }],
    ['it is ignored by hand', [RUNS, FAILS], `update job set status = 'ignored'`, {}, { status: 'ignored' }],
    [
      'it is put off',
      [RUNS, FAILS],
      `update job set status = 'pending', run_at = now() + interval '1 h'`,
      {},
      { status: 'pending' },
    ],
  ])('%s: refused, and nothing is written', async (_, steps, happens, more, expected) => {
    await begin(REGISTERED, ...steps);
    let left: unknown;
    const then = async () => {
      if (left !== undefined) return;
      await database.sql(happens);
      left = await row();
    };
    const answer = await claim(watched([readStanding, then]).db, request(more));
    expect(answer).toMatchObject({ grant: null, died: false, standing: { job: expected } });
    expect(await row()).toEqual(left);
  });

  test('it goes, and comes again with other data: refused as a mismatch', async () => {
    await begin(REGISTERED, RUNS, FAILS);
    const anew = once(
      sql(`${REMOVED}; insert into job (kind, id, data, data_hash) values ('kind', 'job', '2', 'two')`),
    );
    const answer = await claim(watched([readStanding, anew]).db, request({ dataHash: 'one' }));
    expect(answer).toMatchObject({ grant: null, standing: { mismatch: true, job: { claims: 0 } } });
  });

  test('it goes, and comes again with other data, and has run as often: refused as a mismatch', async () => {
    await begin(REGISTERED, RUNS, FAILS);
    const other = `insert into job (kind, id, data, data_hash) values ('kind', 'job', '2', 'two')`;
    const answer = await claim(
      watched([readStanding, once(sql(`${REMOVED}; ${other}; ${RUNS}; ${FAILS}`))]).db,
      request({ dataHash: 'one' }),
    );
    expect(answer).toMatchObject({ grant: null, standing: { mismatch: true, job: { claims: 1 } } });
  });

  test('it goes, and comes again: granted for the first time', async () => {
    await begin(REGISTERED, RUNS, FAILS);
    const answer = await claim(watched([readStanding, once(sql(`${REMOVED}; ${REGISTERED}`))]).db, request());
    expect(answer).toMatchObject({ grant: { job: { claims: 1, attempts: 1 } } });
    expect(await database.sql('select 1 from job_past_attempt')).toEqual([]);
  });

  test('the step before it is undone: refused as not ready', async () => {
    await begin(REGISTERED, RUNS, FAILS, STEP);
    const undone = once(sql(`update job set status = 'pending' where kind = 'step'`));
    const answer = await claim(watched([readStanding, undone]).db, request({ after: ['step'] }));
    expect(answer).toMatchObject({ grant: null, standing: { waitsFor: ['step'], job: { claims: 1 } } });
  });

  test('others take it each time: refused in the end', async () => {
    await begin(REGISTERED, RUNS, FAILS);
    let rounds = 0;
    const taken = async () => {
      if (rounds++ > 50) throw new Error('it goes on for ever');
      await database.sql(`update job set claims = claims + 1, token = gen_random_uuid(), status = 'in_progress', outcome = null,
        finished_at = null, expires_at = now() + interval '1 h'`);
    };
    const { db, sent } = watched([readStanding, taken], [claimAgain, sql(FAILS)]);
    expect(await claim(db, request())).toMatchObject({ grant: null });
    expect(sent.length).toBeLessThan(50);
  });
});

describe('a refusal', () => {
  test.each<[what: string, steps: string[], more: Partial<ClaimRequest>]>([
    ['of a job that runs', [RUNS], {}],
    ['of one that has succeeded', [RUNS, SUCCEEDS], {}],
    ['of one that is ignored', [RUNS, `update job set status = 'ignored', ${ENDS}`], {}],
    ['of one that waits for its time', [`update job set run_at = now() + interval '1 h'`], {}],
    [
      'of one that waits again',
      [RUNS, FAILS, `update job set status = 'pending', run_at = now() + interval '1 h'`],
      {},
    ],
    ['of one that backs off', [RUNS, FAILS, `update job set run_at = now() + interval '1 h'`], { early: false }],
    ['of one with other data', [RUNS, FAILS], { dataHash: 'two' }],
    ['of one that is not ready', [RUNS, FAILS], { after: ['step'] }],
    ['of a claim whose token has ended', [RUNS, FAILS, `update job set token = '${USED}'`], { token: USED }],
    [
      'of a claim whose token is history',
      [
        RUNS,
        FAILS,
        `insert into job_past_attempt (kind, id, claim, attempt, token, worker, outcome, started_at, ended_at)
          values ('kind', 'job', 0, 1, '${USED}', 'w', 'failed', now(), now())`,
      ],
      { token: USED },
    ],
    ['of one that is missing', [REMOVED], {}],
    ['of one that is missing and not ready', [REMOVED], { after: ['step'], register: newJob() }],
  ])('%s costs two statements: the claim that finds nothing, and the reading', async (_, steps, more) => {
    await begin(REGISTERED, ...steps);
    const { db, sent } = watched();
    expect(await claim(db, request(more))).toMatchObject({ grant: null });
    expect(sent).toHaveLength(2);
  });

  test.each([[[]], [['step']]])('of a late holder that is at its commit waits for nobody, after %j', async (after) => {
    await begin(REGISTERED, STEP, RUNS, EXPIRES);
    await withConnection(database.url, async (holder) => {
      await holder.query('begin');
      await holder.query(`select 1 from job where kind = 'kind' for key share`);
      const { db, sent } = watched();
      const answer = await claim(db, request({ after }));
      expect(answer).toMatchObject({ grant: null, standing: { job: { status: 'in_progress' } } });
      expect(sent).toHaveLength(4);
      await holder.query('commit');
    });
  });
});

describe('a lease is held by this process until no later than the database lets it go', () => {
  const slow = () => sleep(500);
  /** Of a lease that the database granted before a slow answer set out; its clock and ours differ by less than the rest. */
  const latestEnd = () => performance.now() - 400 + LEASE;

  test('though the answer to its claim was slow', async () => {
    await begin(REGISTERED);
    const { grant } = await claim(watched([claimFirst, slow]).db, request());
    expect(grant?.heldUntil).toBeLessThan(latestEnd());
  });

  test('though the answer was lost, and what it had granted was found by the same claim, sent again', async () => {
    await begin(REGISTERED);
    const lost = once(() => slow().then(cut));
    const { grant } = await claim(watched([claimFirst, lost]).db, request());
    expect(grant).toMatchObject({ job: { claims: 1 } });
    expect(grant?.heldUntil).toBeLessThan(latestEnd());
  });
});

test('a claim that comes through after its lease has run out grants nothing: its token is used', async () => {
  await begin(REGISTERED);
  const lost = once(() => database.sql(EXPIRES).then(cut));
  expect(await claim(watched([claimFirst, lost]).db, request())).toMatchObject({
    grant: null,
    standing: { expiresIn: 0 },
  });
  expect(await row()).toMatchObject({ claims: '1', crashes: 0 });
});

test('a takeover whose answer was lost while its first sending is still at its row is waited for, and granted', async () => {
  await begin(REGISTERED, RUNS, EXPIRES);
  await withConnection(database.url, async (sending) => {
    let sendings = 0;
    const query = async (statement: { text: string; values: unknown[] }) => {
      if (statement.text !== takeOver || sendings++ > 0) return pool.query(statement);
      await sending.query('begin');
      await sending.query(statement);
      return cut();
    };
    const db = new Database({ query, end: async () => {} } as never, { patience: 1_000, schema: undefined });
    const answer = claim(db, request());
    await eventually(async () =>
      expect(
        await database.sql(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        ),
      ).toHaveLength(1),
    );
    await sending.query('commit');
    expect(await answer).toMatchObject({ grant: { job: { claims: 2, crashes: 1 } } });
  });
});

test.each([
  ['the last grant', 0],
  ['the one before', 1],
])('a claim that reaches the server when what it was granted has ended, as %s, grants nothing', async (_, later) => {
  await begin(REGISTERED, RUNS, FAILS);
  const { db } = watched();
  const values = [...Object.values(KEY), USED, LEASE, 'w', false, null, false, 9, 9, 1, true];
  expect((await db.query(claimAgain, values)).rows).toHaveLength(1);
  await begin(FAILS);
  for (let i = 0; i < later; i++) {
    await db.query(claimAgain, values.with(2, randomUUID()).with(-2, 2 + i));
    await begin(FAILS);
  }
  const left = await row();
  expect((await db.query(claimAgain, values)).rows).toEqual([]);
  expect(await row()).toEqual(left);
});

test('a job that is found dead once too often keeps the token of the attempt that died, and so does its history', async () => {
  await begin(REGISTERED, RUNS, EXPIRES);
  const before = await row();
  expect(await claim(watched().db, request({ maxCrashes: 1 }))).toMatchObject({ grant: null, died: true });
  expect(await row()).toMatchObject({ status: 'ignored', token: before?.token });
  await begin(`update job set status = 'pending', run_at = now(), crashes = 0, reason = null`);
  expect(await claim(watched().db, request())).toMatchObject({ grant: { job: { claims: 2 } } });
  expect(await database.sql('select token from job_past_attempt')).toEqual([{ token: before?.token }]);
});

test('a job that is removed right behind a registration that found it is registered after all', async () => {
  await begin(REGISTERED);
  expect(await registerOne(watched([register, once(sql(REMOVED))]).db, newJob())).toMatchObject({ registered: true });
});

function newJob() {
  return { ...KEY, data: null, dataHash: null, runAt: null, priority: 0, maxAttempts: null };
}
