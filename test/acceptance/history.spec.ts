import { expect, test } from 'vitest';
import { holdRun } from '../support/held-run.js';
import { expireLease } from '../support/job-rows.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp({ tracking: { worker: 'this-worker' } });
const fail = (message: string) => () => {
  throw new Error(message);
};

test('errors do not overwrite each other: the job has the last one, history has each', async () => {
  const job = { kind: 'errors', id: '1' };
  await bed.tracker.settle(job, fail('first'));
  await bed.tracker.settle(job, fail('second'));
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'failed', failures: 2, error: { message: 'second' } });

  await bed.tracker.track(job, (run) => {
    expect(run.job).toMatchObject({ claims: 3, attempts: 3, failures: 2, error: { message: 'second' } });
  });
  const cleared = { status: 'succeeded', failures: 0, crashes: 0, error: null, claims: 3, attempts: 3 };
  expect(await bed.tracker.get(job)).toMatchObject(cleared);
  expect(await bed.tracker.attempts(job)).toMatchObject([
    { claim: 1, attempt: 1, outcome: 'failed', error: { message: 'first' } },
    { claim: 2, attempt: 2, outcome: 'failed', error: { message: 'second' } },
    { claim: 3, attempt: 3, outcome: 'succeeded', error: null },
  ]);
});

test('every grant leaves one record, oldest first, and no attempt starts before its predecessor’s end', async () => {
  const job = { kind: 'all', id: '1' };
  const policy = { maxAttempts: 10 };
  await bed.tracker.settle(job, (run) => run.snooze(0), policy);
  await bed.tracker.settle(job, fail('release'), { ...policy, classify: () => 'release' });
  const dead = await holdRun(bed.tracker, job, policy);
  await expireLease(bed.sql, job);
  await bed.tracker.settle(job, fail('boom'), policy);
  await dead.succeed();
  await bed.tracker.settle(job, (run) => run.ignore('no'), policy);
  await bed.tracker.retry(job);
  await bed.tracker.track(job, () => 1, policy);

  const attempts = await bed.tracker.attempts(job);
  expect(attempts.map(({ claim, attempt, outcome }) => [claim, attempt, outcome])).toEqual([
    [1, 1, 'snoozed'],
    [2, 1, 'released'],
    [3, 1, 'crashed'],
    [4, 2, 'failed'],
    [5, 3, 'ignored'],
    [6, 4, 'succeeded'],
  ]);
  for (const [i, { worker, startedAt, endedAt }] of attempts.entries()) {
    expect(worker).toBe('this-worker');
    expect(endedAt.getTime()).toBeGreaterThanOrEqual(startedAt.getTime());
    expect(startedAt.getTime()).toBeGreaterThanOrEqual(attempts[i - 1]?.endedAt.getTime() ?? 0);
  }
});

test('the running attempt is no ended one: it is in the view, not in the list', async () => {
  const job = { kind: 'running', id: '1' };
  const held = await holdRun(bed.tracker, job);
  expect(await bed.tracker.attempts(job)).toEqual([]);
  const inView = await bed.sql(`select claim::int, outcome, ended_at from job_attempt where kind = 'running'`);
  expect(inView).toEqual([{ claim: 1, outcome: null, ended_at: null }]);
  await held.succeed();
  expect(await bed.tracker.attempts(job)).toMatchObject([{ claim: 1, outcome: 'succeeded' }]);
});

test('refusals leave no record', async () => {
  const job = { kind: 'refused', id: '1' };
  await bed.tracker.track(job, () => 1);
  for (let i = 0; i < 3; i++) await bed.tracker.settle(job, () => 2);
  expect(await bed.tracker.attempts(job)).toHaveLength(1);
});

test('a job that nobody knows, or that never ran, has no attempts', async () => {
  expect(await bed.tracker.attempts('unknown')).toEqual([]);
  await bed.tracker.register({ id: 'waits' });
  expect(await bed.tracker.attempts('waits')).toEqual([]);
});

test('a success writes its times, and updatedAt moves with every outcome', async () => {
  const job = { kind: 'times', id: '1' };
  const { job: made } = await bed.tracker.register(job);
  expect(made).toMatchObject({ startedAt: null, finishedAt: null, updatedAt: made.createdAt });
  await bed.tracker.settle(job, fail('boom'));
  const failed = await bed.tracker.get(job);
  await bed.tracker.track(job, () => 1);
  const done = await bed.tracker.get(job);
  const at = (time: Date | null | undefined) => time?.getTime() ?? Number.NaN;
  expect(at(failed?.updatedAt)).toBeGreaterThanOrEqual(at(failed?.startedAt));
  expect(at(done?.startedAt)).toBeGreaterThanOrEqual(at(failed?.finishedAt));
  expect(at(done?.finishedAt)).toBeGreaterThanOrEqual(at(done?.startedAt));
  expect(at(done?.updatedAt)).toBeGreaterThanOrEqual(at(done?.startedAt));
  expect(done?.createdAt).toEqual(made.createdAt);
});
