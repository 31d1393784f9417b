import { type CallPolicy, JobNotDueError, type JobRun } from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const later = () => new Date(Date.now() + 60_000);

test('a job registered for later is refused until then, its time in the refusal, and keeps its place', async () => {
  const job = { kind: 'later', id: '1' };
  const runAt = later();
  await bed.tracker.register({ ...job, runAt });
  const before = await bed.tracker.get(job);
  const error = await thrownBy(() => bed.tracker.track(job, () => 1), JobNotDueError);
  expect(error).toMatchObject({ runAt, final: false });
  expect(error.retryAfter).toBeGreaterThan(55_000);
  expect(error.retryAfter).toBeLessThanOrEqual(60_000);
  expect(await bed.tracker.get(job)).toEqual(before);
  await bed.sql(`update job set run_at = now() where kind = 'later'`);
  expect(await bed.tracker.track(job, () => 'ran')).toBe('ran');
});

test('track with a time ahead registers the job for it', async () => {
  const runAt = later();
  const job = { kind: 'by-track', id: '1', runAt, data: 'kept', priority: 3 };
  await thrownBy(() => bed.tracker.track(job, () => 1), JobNotDueError);
  expect(await bed.tracker.get({ kind: 'by-track', id: '1' })).toMatchObject({
    status: 'pending',
    runAt,
    data: 'kept',
    priority: 3,
  });
});

test('a time that has passed is now', async () => {
  expect(await bed.tracker.track({ kind: 'past', id: '1', runAt: new Date(0) }, () => 'ran')).toBe('ran');
});

test('retry makes it due at once', async () => {
  const job = { kind: 'retried', id: '1' };
  await bed.tracker.register({ ...job, runAt: later() });
  await bed.tracker.retry(job);
  expect(await bed.tracker.track(job, () => 'ran')).toBe('ran');
});

test('consume leaves what waits for its time or its backoff, and takes the rest', async () => {
  const kind = 'mixed';
  const policy = { backoff: '1h' } as const;
  await bed.tracker.register({ kind, id: 'later', runAt: later() });
  await bed.tracker.register({ kind, id: 'now' });
  await bed.tracker.settle({ kind, id: 'backing off' }, () => Promise.reject(new Error('boom')), policy);
  await bed.tracker.settle({ kind, id: 'backed off' }, () => Promise.reject(new Error('boom')), { backoff: 0 });
  await bed.tracker.settle({ kind, id: 'snoozed' }, (run) => run.snooze('1h'));
  const ran: string[] = [];
  await bed.tracker.consume(kind, (run) => void ran.push(run.job.id)).drain();
  expect(ran.sort()).toEqual(['backed off', 'now']);
});

/** A timer of more than this fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

test.each<[string, (run: JobRun) => unknown, CallPolicy]>([
  ['snoozed', (run) => run.snooze('60d'), {}],
  ['failed', () => Promise.reject(new Error('boom')), { backoff: '60d' }],
  ['told when by classify', () => Promise.reject(new Error('boom')), { classify: () => ({ retryIn: '60d' }) }],
])(
  'a message whose job is %s for longer than a timer can wait is brought back sooner, and told to wait on',
  async (id, work, policy) => {
    const job = { kind: 'far', id };
    expect((await bed.tracker.settle(job, work, policy)).redeliver).toBe(LONGEST_TIMER);
    const until = (await bed.tracker.get(job))?.runAt.getTime() ?? 0;
    expect(until).toBeGreaterThan(Date.now() + 59 * 86_400_000);
  },
);

test('a refusal of a job that is due in months asks its caller to come back within the reach of a timer', async () => {
  const job = { kind: 'far', id: 'registered' };
  await bed.tracker.register({ ...job, runAt: new Date(Date.now() + 60 * 86_400_000) });
  const outcome = await bed.tracker.settle(job, () => 1);
  expect(outcome).toMatchObject({ status: 'refused', redeliver: LONGEST_TIMER, error: { retryAfter: LONGEST_TIMER } });
});
