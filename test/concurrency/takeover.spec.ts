import { type JobRun, LeaseLostError } from 'nestjs-job-tracking';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { withConnection } from '../support/connection.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { holdRun } from '../support/held-run.js';
import { brokenHistory } from '../support/history.js';
import { settlePersistently } from '../support/persistence.js';
import { startWorker } from '../support/worker.js';

const LEASE = 600;
const POLICY = { lease: LEASE };
/** A machine with more to do than these tests. */
const SLACK = 1_500;

let database: TestDatabase;
let survivor: TestApp;
let proxy: FaultProxy;
/** An app that the network can part from the database. */
let cutOff: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startFaultProxy(database.url);
  survivor = await startApp({ url: database.url, tracking: { worker: 'survivor' } });
  cutOff = await startApp({ url: proxy.url, tracking: { worker: 'cut off', grace: 0 } });
});
afterEach(async () => expect(await brokenHistory(database.sql)).toEqual([]));
afterAll(async () => {
  await Promise.all([survivor?.close(), cutOff?.close()]);
  await proxy?.[Symbol.asyncDispose]();
  await database?.drop();
});

describe('a job whose worker was killed', () => {
  it('is refused to others as long as its lease lasts, and then taken over', async () => {
    const job = { kind: 'killed', id: '1' };
    await using victim = await startWorker({ url: database.url, tracking: { worker: 'victim' } });
    void victim.settle(job, 'held', POLICY);
    await victim.seen('running', job.id);
    expect(await survivor.tracker.settle(job, () => 'too early', POLICY)).toMatchObject({
      status: 'refused',
      error: { code: 'JOB_LOCKED', job: { lease: { worker: 'victim' } } },
    });

    await victim.kill();
    const killed = performance.now();
    const told = await settlePersistently(survivor.tracker, job, () => 'saved', POLICY);
    expect(told).toMatchObject({ status: 'succeeded', claim: 2 });
    expect(performance.now() - killed).toBeLessThan(LEASE + SLACK);
    expect(await survivor.tracker.attempts(job)).toMatchObject([
      { claim: 1, attempt: 1, worker: 'victim', outcome: 'crashed', error: null },
      { claim: 2, attempt: 2, worker: 'survivor', outcome: 'succeeded' },
    ]);
    expect(await survivor.tracker.get(job)).toMatchObject({ status: 'succeeded', attempts: 2, crashes: 0 });
  });
});

describe('a worker that was cut off for longer than its lease', () => {
  it.each([
    ['success', () => 'late'],
    ['failure', () => Promise.reject(new Error('late'))],
    ['verdict', (run: { ignore(reason: string): never }) => run.ignore('late')],
  ] as const)('does not overwrite its successor’s outcome with its own %s', async (what, end) => {
    const job = { kind: 'late', id: what };
    const started = Promise.withResolvers<AbortSignal>();
    const goOn = Promise.withResolvers<void>();
    const stale = cutOff.tracker.settle(
      job,
      async (run) => {
        started.resolve(run.signal);
        await goOn.promise;
        return end(run);
      },
      POLICY,
    );
    const signal = await started.promise;
    proxy.cutOff();

    // Its signal fires before the database grants the job to another.
    const successor = await settlePersistently(survivor.tracker, job, () => ({ stale: signal.aborted }), POLICY);
    expect(successor).toMatchObject({ status: 'succeeded', claim: 2, output: { stale: true } });
    expect(signal.reason).toBeInstanceOf(LeaseLostError);
    const before = await database.sql('select * from job where kind = $1 and id = $2', [job.kind, job.id]);

    proxy.restore();
    goOn.resolve();
    expect(await stale).toMatchObject({ status: 'lost', error: { code: 'LEASE_LOST' } });
    expect(await database.sql('select * from job where kind = $1 and id = $2', [job.kind, job.id])).toEqual(before);
    expect(await survivor.tracker.attempts(job)).toMatchObject([{ outcome: 'crashed' }, { outcome: 'succeeded' }]);
  });

  it('cannot keep a checkpoint, and is told by assertHeld', async () => {
    const job = { kind: 'late', id: 'checkpoint' };
    const started = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const stale = cutOff.tracker.settle(
      job,
      async (run) => {
        started.resolve();
        await goOn.promise;
        await expect(run.checkpoint({ of: 'the stale one' })).rejects.toThrow(LeaseLostError);
        await expect(run.assertHeld()).rejects.toThrow(LeaseLostError);
        return 'told';
      },
      POLICY,
    );
    await started.promise;
    proxy.cutOff();
    const running = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const successor = settlePersistently(
      survivor.tracker,
      job,
      async (run) => {
        running.resolve();
        await run.checkpoint({ of: 'the successor' });
        await finish.promise;
      },
      POLICY,
    );
    await running.promise;
    proxy.restore();
    goOn.resolve();
    expect(await stale).toMatchObject({ status: 'lost' });
    expect(await survivor.tracker.get(job)).toMatchObject({
      status: 'in_progress',
      checkpoint: { of: 'the successor' },
    });
    finish.resolve();
    expect(await successor).toMatchObject({ status: 'succeeded' });
  });

  it('may still record its outcome where nobody has taken the job', async () => {
    const job = { kind: 'late', id: 'alone' };
    const started = Promise.withResolvers<AbortSignal>();
    const goOn = Promise.withResolvers<void>();
    const run = cutOff.tracker.settle(
      job,
      async ({ signal }) => {
        started.resolve(signal);
        await goOn.promise;
        return 'done';
      },
      POLICY,
    );
    const signal = await started.promise;
    proxy.cutOff();
    await expect
      .poll(() => database.sql('select expires_at < now() as expired from job where id = $1', [job.id]), {
        timeout: 5_000,
      })
      .toEqual([{ expired: true }]);
    expect(signal.aborted).toBe(true);
    proxy.restore();
    goOn.resolve();
    expect(await run).toMatchObject({ status: 'succeeded', output: 'done' });
    expect(await survivor.tracker.get(job)).toMatchObject({ status: 'succeeded', claims: 1, crashes: 0 });
  });
});

describe('an expired lease that many find at once', () => {
  const ids = Array.from({ length: 30 }, (_, index) => String(index));

  it('is taken over by one of them, and its dead attempt recorded once', async () => {
    const kind = 'crowd';
    for (const id of ids) await holdRun(cutOff.tracker, { kind, id }, { lease: 500 });
    proxy.cutOff();
    const held = () => database.sql('select id from job where kind = $1 and expires_at > now()', [kind]);
    await expect.poll(held, { timeout: 5_000 }).toEqual([]);

    const ran: string[] = [];
    const work = (run: JobRun) => ran.push(`${run.job.id} ${run.job.claims}`);
    const more = await Promise.all([1, 2].map(() => startApp({ url: database.url })));
    const takers = [survivor, ...more];
    const consumers = takers.map(({ tracker }) => tracker.consume(kind, work, { pollInterval: 10 }));
    const calls = ids.flatMap((id) => takers.map(({ tracker }) => tracker.settle({ kind, id }, work)));
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    await Promise.all(consumers.map((consumer) => consumer.drain()));
    await Promise.all(more.map((app) => app.close()));
    proxy.restore();

    expect(ran.sort()).toEqual(ids.map((id) => `${id} 2`).sort());
    expect(statuses.filter((status) => status !== 'succeeded' && status !== 'refused')).toEqual([]);
    expect(await database.sql('select id from job where kind = $1 and claims <> 2', [kind])).toEqual([]);
  });
});

it('a claim that had to wait for the row does not start before its predecessor’s end', async () => {
  const job = { kind: 'waited', id: '1' };
  await survivor.tracker.settle(job, () => Promise.reject(new Error('as planned')));
  await withConnection(database.url, async (user) => {
    await user.query('begin');
    await user.query(`select 1 from job where kind = 'waited' for update`);
    const claim = survivor.tracker.settle(job, () => 'done');
    const waiting = () =>
      database.sql(
        `select 1 as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      );
    await expect.poll(waiting).toEqual([{ n: 1 }]);
    // As the end of a run that rides in somebody's transaction.
    await user.query(`update job set finished_at = clock_timestamp() where kind = 'waited'`);
    await user.query('commit');
    expect(await claim).toMatchObject({ status: 'succeeded' });
  });
  const [failed, done] = await survivor.tracker.attempts(job);
  expect(Number(done?.startedAt)).toBeGreaterThanOrEqual(Number(failed?.endedAt));
});
