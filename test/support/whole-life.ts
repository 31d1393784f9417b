import {
  JobLockedError,
  JobNotDueError,
  type JobSnapshot,
  type JobTrackerService,
  LeaseLostError,
} from 'nestjs-job-tracking';
import { expect } from 'vitest';
import type { Sql } from './connection.js';
import { holdRun } from './held-run.js';
import { thrownBy } from './thrown.js';

/** This process and the server read one clock; a date that was read wrong is off by an hour at least. */
const isNow = (date: Date | null | undefined) =>
  expect(Math.abs(Date.now() - (date?.getTime() ?? Number.NaN))).toBeLessThan(600_000);

const HOUR = 3_600_000;

/** Everything that the tracker does with a row, told by what it reads: times, counts, spans, payloads, pages. `kind`: of jobs that nobody else has. */
export async function wholeLife(tracker: JobTrackerService, kind: string, sql: Sql): Promise<void> {
  const job = (id: string) => ({ kind, id });
  await waitsAndIsPutAside(tracker, kind);
  await failsAndSucceeds(tracker, kind);

  const held = await holdRun(tracker, job('held'));
  const locked = await thrownBy(() => tracker.track(job('held'), () => 'second'), JobLockedError);
  expect(locked.retryAfter).toBeGreaterThan(20_000);
  expect(locked.retryAfter).toBeLessThanOrEqual(30_000);
  isNow(locked.job?.lease?.expiresAt);
  await sql(`update public.job set expires_at = now() - interval '1 s' where kind = $1 and id = 'held'`, [kind]);
  expect(await tracker.track(job('held'), (run) => run.job.claims)).toBe(2);
  expect(await held.succeed('late')).toMatchObject({ error: expect.any(LeaseLostError) });
  expect(await tracker.attempts(job('held'))).toMatchObject([{ outcome: 'crashed' }, { outcome: 'succeeded' }]);

  await isReadInPages(tracker, kind);
  expect((await tracker.verify({ kind })).violations).toEqual([]);
  expect(await tracker.retryMany({ kind }, { rerun: true })).toBe(3);
  expect(await tracker.removeMany({ kind })).toBe(126);
}

async function waitsAndIsPutAside(tracker: JobTrackerService, kind: string): Promise<void> {
  const job = { kind, id: 'later' };
  const runAt = new Date(Date.now() + HOUR);
  isNow((await tracker.register({ ...job, runAt })).job.createdAt);
  const notDue = await thrownBy(() => tracker.track(job, () => 'early'), JobNotDueError);
  expect(notDue.runAt).toEqual(runAt);
  expect(notDue.retryAfter).toBeGreaterThan(3_500_000);
  expect(notDue.retryAfter).toBeLessThanOrEqual(HOUR);
  const retried = await tracker.retry(job);
  isNow(retried.runAt);
  isNow((await tracker.ignore(job, 'no use')).updatedAt);
  expect(await tracker.remove(job)).toMatchObject({ status: 'ignored', createdAt: retried.createdAt, attempts: 0 });
  expect(await tracker.get(job)).toBeNull();
}

async function failsAndSucceeds(tracker: JobTrackerService, kind: string): Promise<void> {
  const job = { kind, id: '1' };
  const runAt = new Date(Date.now() - HOUR);
  await tracker.registerMany([
    { ...job, data: { id: '1' }, runAt },
    { kind, id: '2', data: 'back\\slash\'s "text"' },
  ]);
  expect((await tracker.get(job))?.runAt).toEqual(runAt);
  await tracker.settle(job, () => Promise.reject(new Error('boom')), { backoff: 0 });
  expect(await tracker.get(job)).toMatchObject({ status: 'failed', error: { message: 'boom' }, failures: 1 });
  await tracker.consume(kind, (run) => run.job.data).drain();
  const done = await tracker.get(job);
  expect(done).toMatchObject({ status: 'succeeded', claims: 2, attempts: 2, output: { id: '1' }, lease: null });
  for (const at of [done?.createdAt, done?.updatedAt, done?.startedAt, done?.finishedAt]) isNow(at);
  expect((await tracker.get({ kind, id: '2' }))?.output).toBe('back\\slash\'s "text"');
  const attempts = await tracker.attempts(job);
  expect(attempts).toMatchObject([{ claim: 1, outcome: 'failed', error: { message: 'boom' } }, { claim: 2 }]);
  for (const { startedAt, endedAt } of attempts) {
    isNow(startedAt);
    expect(endedAt.getTime()).toBeGreaterThanOrEqual(startedAt.getTime());
  }
}

/** A number of more digits than one, and pages that meet in the middle of a microsecond's jobs. */
async function isReadInPages(tracker: JobTrackerService, kind: string): Promise<void> {
  const before = new Date(Date.now() - HOUR);
  const after = new Date(Date.now() + HOUR);
  await tracker.registerMany(Array.from({ length: 123 }, (_, n) => ({ kind, id: `waits ${n}` })));
  expect(await tracker.count({ kind, status: 'pending' })).toBe(123);
  expect((await tracker.summary(kind))[kind]).toMatchObject({ pending: 123, succeeded: 3 });
  expect(await tracker.count({ kind, updatedAfter: before, updatedBefore: after })).toBe(126);
  expect(await tracker.count({ kind, updatedBefore: before })).toBe(0);
  for (const order of ['oldest', 'newest'] as const) {
    const found: JobSnapshot[] = [];
    for (let cursor: string | undefined; ; ) {
      const { items, next } = await tracker.list({ kind, order, limit: 50, ...(cursor && { cursor }) });
      found.push(...items);
      if (next === null) break;
      cursor = next;
    }
    expect(new Set(found.map(({ id }) => id)).size).toBe(126);
    expect(found).toHaveLength(126);
  }
}
