import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { brokenHistory } from '../support/history.js';
import { settlePersistently } from '../support/persistence.js';
import type { Told } from '../support/told.js';
import { startWorker, type Worker } from '../support/worker.js';

const LEASE = 500;
const POLICY = { lease: LEASE };
/** Longer than a lease: what runs meanwhile is renewed. */
const GRACE = 1_500;
const KIND = 'shutdown';

describe('a process that is stopped (SIGTERM)', () => {
  let database: TestDatabase;
  let app: TestApp;
  let worker: Worker;
  let ended: { code: number | null; signal: NodeJS.Signals | null };
  const told: Record<string, Promise<Told>> = {};
  const job = (id: string) => ({ kind: KIND, id });

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startApp({ url: database.url, tracking: { worker: 'survivor' } });
    worker = await startWorker({ url: database.url, tracking: { worker: 'stopping', grace: GRACE } });
    await app.tracker.register({ kind: 'consumed', id: 'before' });
    await worker.consume('consumed', 'held', { ...POLICY, pollInterval: 20 });
    await worker.seen('running', 'before');
    for (const id of ['in time', 'throws in time', 'late', 'late too'])
      told[id] = worker.settle(job(id), id === 'late' ? 'heeding' : 'held', POLICY);
    void worker.settle(job('never'), 'endless', POLICY);
    for (const id of ['in time', 'throws in time', 'late', 'late too', 'never']) await worker.seen('running', id);

    const ending = worker.terminate();
    // The first answer that says so is the sign that it is stopping.
    while ((await worker.settle(job('refused'), 'empty', { onDuplicate: 'rerun' })).error !== 'JOB_INTERRUPTED');
    told.after = worker.settle(job('after'), 'empty');
    await app.tracker.register({ kind: 'consumed', id: 'after' });
    await worker.finish('in time');
    await worker.finish('throws in time', 'throw');
    await worker.finish('before');
    await worker.seen('aborted', 'late too');
    await worker.finish('late too');
    ended = await ending;
  }, 60_000);
  afterAll(async () => {
    await worker?.kill();
    await app?.close();
    expect(await brokenHistory(database.sql)).toEqual([]);
    await database?.drop();
  });

  it('ends by that signal, when its handlers have had their time', () => {
    expect(ended).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('lets handlers end within its grace, though it is longer than their lease', async () => {
    expect(await told['in time']).toMatchObject({ status: 'succeeded', output: { claim: 1 } });
    expect(await told['throws in time']).toMatchObject({ status: 'failed', error: 'told to throw' });
    expect(await app.tracker.get(job('in time'))).toMatchObject({ status: 'succeeded', claims: 1, crashes: 0 });
    expect(await app.tracker.get({ kind: 'consumed', id: 'before' })).toMatchObject({ status: 'succeeded', claims: 1 });
  });

  it('claims nothing more, neither for callers nor for consumers', async () => {
    expect(await told.after).toMatchObject({ status: 'pending', error: 'JOB_INTERRUPTED', claim: null });
    expect(await app.tracker.get(job('after'))).toBeNull();
    expect(await app.tracker.get({ kind: 'consumed', id: 'after' })).toMatchObject({ status: 'pending', claims: 0 });
  });

  it.each(['late', 'late too'])('interrupts what runs beyond it, and gives the attempt back: %s', async (id) => {
    expect(await worker.seen('aborted', id)).toMatchObject({ code: 'JOB_INTERRUPTED' });
    expect(await told[id]).toMatchObject({ status: 'pending', error: 'JOB_INTERRUPTED' });
    expect(await app.tracker.get(job(id))).toMatchObject({
      status: 'pending',
      claims: 1,
      attempts: 0,
      failures: 0,
      crashes: 0,
      lease: null,
    });
    expect(await app.tracker.attempts(job(id))).toMatchObject([{ claim: 1, attempt: 1, outcome: 'interrupted' }]);
    // Due at once, in its first attempt again.
    expect(await app.tracker.track(job(id), (run) => run.job.attempts)).toBe(1);
  });

  it('never gives back the lease of a handler that has not settled: the job is taken over after it, as crashed', async () => {
    expect(await worker.seen('aborted', 'never')).toMatchObject({ code: 'JOB_INTERRUPTED' });
    expect(await app.tracker.get(job('never'))).toMatchObject({
      status: 'in_progress',
      claims: 1,
      lease: { worker: 'stopping' },
    });
    expect(await settlePersistently(app.tracker, job('never'), () => 'saved', POLICY)).toMatchObject({
      status: 'succeeded',
    });
    expect(await app.tracker.attempts(job('never'))).toMatchObject([
      { claim: 1, attempt: 1, worker: 'stopping', outcome: 'crashed' },
      { claim: 2, attempt: 2, worker: 'survivor', outcome: 'succeeded' },
    ]);
  });
});
