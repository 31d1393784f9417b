import { LeaseLostError } from 'nestjs-job-tracking';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
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
afterEach(async () => {
  proxy.restore();
  expect(await brokenHistory(database.sql)).toEqual([]);
});
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
      .poll(() => database.sql('select expires_at < now() as expired from job where id = $1', [job.id]))
      .toEqual([{ expired: true }]);
    expect(signal.aborted).toBe(true);
    proxy.restore();
    goOn.resolve();
    expect(await run).toMatchObject({ status: 'succeeded', output: 'done' });
    expect(await survivor.tracker.get(job)).toMatchObject({ status: 'succeeded', claims: 1, crashes: 0 });
  });
});
