import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withConnection } from '../../../../../test/support/connection.js';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/database.js';
import { cut, type Happening, once, WatchedPool } from '../../../../../test/support/watched-pool.js';
import { StoreUnavailableError } from '../../protocol/index.js';
import { Database } from '../sending/database.js';
import { takeOver, takeOverAfter } from '../sql/claim-again.js';
import { claimDue } from '../sql/claim-due.js';
import { findGranted } from '../sql/find-granted.js';
import { DueClaims } from './claim-due.js';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url, max: 1 });
});
beforeEach(async () => {
  await database.sql(`truncate job, job_past_attempt; insert into job (kind, id) values ('kind', 'a'), ('kind', 'b')`);
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

const LEASE = 60_000;

/** A consumer's claims, and the statements that they send. */
function consumer(...happenings: Happening[]) {
  const watched = new WatchedPool(pool, happenings);
  const claims = new DueClaims(new Database(watched, { patience: 0, schema: undefined }));
  const claim = (limit = 10, lease = LEASE, after: string[] = []) =>
    claims.claim({ kind: 'kind', limit, worker: 'w', lease, maxAttempts: 9, maxCrashes: 9, after });
  return { claim, sent: watched.sent };
}

const slow = () => sleep(500);
/** Of a lease that the database granted before a slow answer set out; its clock and ours differ by less than the rest. */
const latestEnd = () => performance.now() - 400 + LEASE;

describe('a set whose answer was lost', () => {
  test('is found by its tokens, and held for what is left of its lease', async () => {
    const { claim } = consumer([claimDue, once(() => slow().then(cut))]);
    const { grants } = await claim();
    expect(grants.map(({ id, job }) => [id, job.claims])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    for (const { heldUntil } of grants) expect(heldUntil).toBeLessThan(latestEnd());
  });

  test('is not run when its lease has run out meanwhile: another may hold it', async () => {
    const expires = `update job set expires_at = now() - interval '1 s'`;
    const { claim } = consumer([claimDue, once(() => database.sql(expires).then(cut))]);
    await expect(claim()).rejects.toBeInstanceOf(StoreUnavailableError);
  });

  test('is asked about as long as it may be found, which is two leases, and no longer', async () => {
    const lost = () => database.sql(`update job set expires_at = now() - interval '1 s'`).then(cut);
    const { claim, sent } = consumer([claimDue, once(lost)]);
    await claim(10, 100).catch(() => {});
    await sleep(250);
    sent.length = 0;
    expect(await claim(1)).toMatchObject({ grants: [{ tookOver: true }] });
    expect(sent).not.toContain(findGranted);
  });
});

const ORPHAN = (
  id: string,
) => `update job set status = 'in_progress', claims = 1, attempts = 1, token = gen_random_uuid(), worker = 'dead',
  started_at = now(), expires_at = now() - interval '1 s' where id = '${id}'`;

test('no takeover is tried of a job that runs, of another kind’s orphan, or of one that must wait for a step', async () => {
  const runs = `update job set expires_at = now() + interval '1 h' where id = 'b'`;
  const other = `insert into job (kind, id) values ('other', 'c')`;
  await database.sql([other, ...['a', 'b', 'c'].map(ORPHAN), runs].join('; '));
  const { claim, sent } = consumer();
  expect(await claim(10, LEASE, ['step'])).toEqual({ grants: [], died: [] });
  expect(sent.filter((text) => text === takeOver || text === takeOverAfter)).toEqual([]);
  expect((await claim()).grants.map(({ id }) => id)).toEqual(['a']);
  expect(sent.filter((text) => text === takeOver)).toHaveLength(1);
});

test('orphans whose holders are about to commit take no place from the orphan behind them', async () => {
  await database.sql(`insert into job (kind, id) values ('kind', 'c'); ${['a', 'b', 'c'].map(ORPHAN).join('; ')}`);
  const { claim } = consumer();
  await withConnection(database.url, async (holder) => {
    await holder.query('begin');
    await holder.query(`select 1 from job where id in ('a', 'b') for key share`);
    expect((await claim(1)).grants.map(({ id }) => id)).toEqual(['c']);
    expect(await claim(1)).toEqual({ grants: [], died: [] });
    await holder.query('rollback');
  });
});

test('a takeover whose answers were lost is found by its token, and run', async () => {
  await database.sql(`delete from job where id = 'b'; ${ORPHAN('a')}`);
  let lost = 0;
  const { claim } = consumer([takeOver, async () => lost++ < 2 && cut()]);
  await expect(claim()).rejects.toBeInstanceOf(StoreUnavailableError);
  expect((await claim()).grants.map(({ id, job }) => [id, job.claims])).toEqual([['a', 2]]);
  expect(lost).toBe(2);
});

test('a set is no larger than asked, though what was lost is found and others are orphans', async () => {
  const { claim } = consumer([claimDue, once(cut)], [findGranted, once(cut)]);
  await expect(claim(1)).rejects.toBeInstanceOf(StoreUnavailableError);
  await database.sql(ORPHAN('b'));
  expect((await claim(1)).grants.map(({ id }) => id)).toEqual(['a']);
});

test('a set is held until no later than the database lets it go, though its answer was slow', async () => {
  const { grants } = await consumer([claimDue, slow]).claim();
  for (const { heldUntil } of grants) expect(heldUntil).toBeLessThan(latestEnd());
});

test('a set passes over a row that somebody holds, and waits for nobody', async () => {
  await withConnection(database.url, async (holder) => {
    await holder.query('begin');
    await holder.query(`select 1 from job where id = 'a' for update`);
    expect((await consumer().claim()).grants.map(({ id }) => id)).toEqual(['b']);
    await holder.query('commit');
  });
});

test('trouble is told where nothing was granted, and not where something was', async () => {
  const always = consumer([claimDue, cut], [findGranted, cut]);
  await expect(always.claim()).rejects.toBeInstanceOf(StoreUnavailableError);
  await database.sql(`update job set expires_at = now() - interval '1 s' where id = 'a'`);
  const after = consumer([claimDue, cut], [findGranted, cut]);
  expect((await after.claim()).grants.map(({ id, tookOver }) => [id, tookOver])).toEqual([['a', true]]);
});
