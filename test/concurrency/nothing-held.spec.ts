import type { RunOutcome } from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { withConnection } from '../support/connection.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { holdRun } from '../support/held-run.js';

/** More than the tracker's own pool and the app's together could hold. */
const RUNS = 40;

let database: TestDatabase;
let app: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startApp({ url: database.url });
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
});

/** Backends of the app that are not idle, or idle inside a transaction; this very question aside. */
const busyBackends = () =>
  database.sql(
    `select state, query from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' and (state <> 'idle' or xact_start is not null)`,
  );

describe('while handlers run', () => {
  it('no transaction is open and no connection is held, however many they are', async () => {
    const held = await Promise.all(
      Array.from({ length: RUNS }, (_, n) => holdRun(app.tracker, { kind: 'held', id: String(n) })),
    );
    await eventually(async () => expect(await busyBackends()).toEqual([]));
    const [{ backends } = { backends: 0 }] = await database.sql<{ backends: number }>(
      `select count(*)::int as backends from pg_stat_activity where datname = current_database() and application_name = 'job-tracking'`,
    );
    expect(backends).toBeLessThanOrEqual(4);
    for (const run of held) expect(await run.succeed()).toMatchObject({ status: 'succeeded' });
  });

  it('others claim, run, record and read other jobs', async () => {
    const held = await holdRun(app.tracker, { kind: 'free', id: 'held' });
    expect(await app.tracker.settle({ kind: 'free', id: 'other' }, () => 1)).toMatchObject({ status: 'succeeded' });
    await app.tracker.register({ kind: 'free', id: 'waiting' });
    const consumer = app.tracker.consume('free', () => 2);
    await consumer.drain();
    expect(consumer.counts.succeeded).toBe(1);
    expect(await app.tracker.summary('free')).toMatchObject({ free: { in_progress: 1, succeeded: 2 } });
    await held.succeed();
  });
});

describe('while somebody’s own transaction has locked the row of a job', () => {
  const lockedByUser = (id: string, work: () => Promise<void>) =>
    withConnection(database.url, async (user) => {
      await user.query('begin');
      await user.query(`select 1 from job where kind = 'locked' and id = $1 for update`, [id]);
      await work();
      await user.query('rollback');
    });

  it('its caller waits, and other jobs are claimed, run and recorded', async () => {
    const job = { kind: 'locked', id: 'one caller' };
    await app.tracker.register(job);
    let caller: Promise<unknown> = Promise.resolve();
    await lockedByUser(job.id, async () => {
      caller = app.tracker.track(job, () => 'ran');
      for (let n = 0; n < 50; n++) expect(await app.tracker.track({ kind: 'locked', id: String(n) }, () => n)).toBe(n);
    });
    expect(await caller).toBe('ran');
  });

  it('any number of its callers may wait: running jobs keep their leases and record their outcomes', async () => {
    const job = { kind: 'locked', id: 'callers' };
    await app.tracker.register(job);
    const running = await holdRun(app.tracker, { kind: 'locked', id: 'running' }, { lease: 800 });
    const ending = await holdRun(app.tracker, { kind: 'locked', id: 'ending' });
    let callers: Promise<RunOutcome<unknown>>[] = [];
    await lockedByUser(job.id, async () => {
      callers = Array.from({ length: 12 }, () => app.tracker.settle(job, () => 'ran'));
      expect(await ending.succeed('recorded')).toMatchObject({ status: 'succeeded', output: 'recorded' });
      const age = () =>
        database.sql(`select now() - started_at > interval '1.6 s' as old from job where id = 'running'`);
      await expect.poll(age).toEqual([{ old: true }]);
      expect(running.run.signal.aborted).toBe(false);
    });
    const statuses = (await Promise.all(callers)).map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(11).fill('refused'), 'succeeded']);
    expect(await running.succeed('kept')).toMatchObject({ status: 'succeeded', output: 'kept' });
  });

  it('registerMany and the verbs over many jobs pass it over, and do not wait', async () => {
    const kind = 'passed over';
    await app.tracker.registerMany(['1', '2', '3'].map((id) => ({ kind, id })));
    await withConnection(database.url, async (user) => {
      await user.query('begin');
      await user.query('update job set priority = 5 where kind = $1 and id = $2', [kind, '2']);
      const jobs = ['1', '2', '3', '4'].map((id) => ({ kind, id }));
      expect(await app.tracker.registerMany(jobs)).toEqual({ registered: 1, existing: 3 });
      expect(await app.tracker.ignoreMany({ kind }, 'no use')).toBe(3);
      expect(await app.tracker.retryMany({ kind })).toBe(3);
      expect(await app.tracker.removeMany({ kind })).toBe(3);
      await user.query('rollback');
    });
    expect(await app.tracker.count({ kind })).toBe(1);
  });
});
