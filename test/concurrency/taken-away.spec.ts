import { JobLockedError, LeaseLostError } from 'nestjs-job-tracking';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type HeldRun, holdRun } from '../support/held-run.js';
import { brokenHistory } from '../support/history.js';

const POLICY = { lease: 600 };

let database: TestDatabase;
let app: TestApp;
let operator: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startApp({ url: database.url });
  operator = await startApp({ url: database.url });
});
afterEach(async () => expect(await brokenHistory(database.sql)).toEqual([]));
afterAll(async () => {
  await Promise.all([app?.close(), operator?.close()]);
  await database?.drop();
});

const aborted = ({ run: { signal } }: HeldRun) =>
  signal.aborted || new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));

const ENDS = [
  ['success', (held: HeldRun) => held.succeed('late')],
  ['failure', (held: HeldRun) => held.fail(new Error('late'))],
] as const;

describe('a run whose row was deleted by hand', () => {
  it.each(ENDS)('is told by its signal, and its %s is refused and writes nothing', async (end, finish) => {
    const job = { kind: 'deleted', id: end };
    const held = await holdRun(app.tracker, job, POLICY);
    await database.sql('delete from job where kind = $1 and id = $2', [job.kind, job.id]);
    await aborted(held);
    expect(held.run.signal.reason).toMatchObject({
      code: 'LEASE_LOST',
      message: expect.stringContaining('an operator'),
    });
    await expect(held.run.checkpoint({ page: 1 })).rejects.toThrow(LeaseLostError);
    expect(await finish(held)).toMatchObject({ status: 'lost' });
    expect(await app.tracker.get(job)).toBeNull();
  });

  it.each(ENDS)('does not touch the job that was registered anew under its id: %s', async (end, finish) => {
    const job = { kind: 'anew', id: end };
    const held = await holdRun(app.tracker, job, POLICY);
    await database.sql('delete from job where kind = $1 and id = $2', [job.kind, job.id]);
    const anew = await holdRun(operator.tracker, job, POLICY);
    await aborted(held);
    await expect(held.run.assertHeld()).rejects.toThrow(LeaseLostError);
    expect(await finish(held)).toMatchObject({ status: 'lost' });
    expect(await app.tracker.get(job)).toMatchObject({ status: 'in_progress', claims: 1 });
    expect(await anew.succeed('anew')).toMatchObject({ status: 'succeeded', output: 'anew' });
  });
});

it('a job that was deleted by hand and left its history behind lives anew, and no other job of its kind suffers', async () => {
  const job = { kind: 'leftover', id: '1' };
  const failing = () => app.tracker.settle(job, () => Promise.reject(new Error('as planned')), { maxAttempts: 9 });
  await failing();
  await failing();
  await database.sql('delete from job where kind = $1', [job.kind]);
  expect(await failing()).toMatchObject({ status: 'failed' });
  expect(await failing()).toMatchObject({ status: 'failed' });

  await app.tracker.retry(job);
  await app.tracker.register({ kind: job.kind, id: 'other' });
  const consumer = app.tracker.consume(job.kind, () => 'done');
  await consumer.drain();
  expect(consumer.counts.succeeded).toBe(2);
  expect((await app.tracker.attempts(job)).map(({ claim, outcome }) => `${claim} ${outcome}`)).toEqual([
    '1 failed',
    '2 failed',
    '3 succeeded',
  ]);
});

describe('an operator', () => {
  it('cannot remove, retry or ignore a job that runs', async () => {
    const job = { kind: 'operated', id: 'refused' };
    const held = await holdRun(app.tracker, job);
    await expect(operator.tracker.remove(job)).rejects.toThrow(JobLockedError);
    await expect(operator.tracker.retry(job)).rejects.toThrow(JobLockedError);
    await expect(operator.tracker.ignore(job, 'no use')).rejects.toThrow(JobLockedError);
    const query = { kind: 'operated' };
    expect(await operator.tracker.removeMany(query)).toBe(0);
    expect(await operator.tracker.retryMany(query, { rerun: true })).toBe(0);
    expect(await operator.tracker.ignoreMany(query, 'no use')).toBe(0);
    expect(await held.succeed('done')).toMatchObject({ status: 'succeeded' });
  });

  it.each(ENDS)(
    'who releases a running job fences its run off: its %s is refused and changes nothing',
    async (end, finish) => {
      const job = { kind: 'released', id: end };
      const held = await holdRun(app.tracker, job, POLICY);
      expect(await operator.tracker.release(job)).toMatchObject({
        status: 'pending',
        claims: 1,
        attempts: 0,
        lease: null,
      });
      await aborted(held);
      expect(held.run.signal.reason).toMatchObject({
        code: 'LEASE_LOST',
        message: expect.stringContaining('an operator'),
      });
      const before = await database.sql('select * from job where kind = $1 and id = $2', [job.kind, job.id]);
      await expect(held.run.checkpoint({ page: 1 })).rejects.toThrow(LeaseLostError);
      await expect(held.run.assertHeld()).rejects.toThrow(LeaseLostError);
      expect(await finish(held)).toMatchObject({ status: 'lost' });
      expect(await database.sql('select * from job where kind = $1 and id = $2', [job.kind, job.id])).toEqual(before);

      expect(await app.tracker.settle(job, () => 'second')).toMatchObject({ status: 'succeeded' });
      expect(await app.tracker.attempts(job)).toMatchObject([
        { claim: 1, attempt: 1, outcome: 'released' },
        { claim: 2, attempt: 1, outcome: 'succeeded' },
      ]);
    },
  );

  it('who releases a job lets its next run be, when the fenced one ends first, and when it ends last', async () => {
    for (const order of ['first', 'last']) {
      const job = { kind: 'next', id: order };
      const fenced = await holdRun(app.tracker, job);
      await operator.tracker.release(job);
      const next = await holdRun(operator.tracker, job);
      const ends = [() => fenced.succeed('fenced'), () => next.succeed('next')];
      const outcomes = [];
      for (const end of order === 'first' ? ends : ends.toReversed()) outcomes.push((await end()).status);
      expect(outcomes).toEqual(order === 'first' ? ['lost', 'succeeded'] : ['succeeded', 'lost']);
      expect(await app.tracker.get(job)).toMatchObject({ status: 'succeeded', output: 'next', claims: 2 });
    }
  });
});
