// One job: retry, ignore, release and remove, in every state.
import {
  JobAlreadySucceededError,
  JobIgnoredError,
  JobLockedError,
  JobNotFoundError,
  type JobRef,
  type JobSnapshot,
  type JobStatus,
  LeaseLostError,
} from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { type HeldRun, holdRun } from '../support/held-run.js';
import { expireLease, tablesOf } from '../support/job-rows.js';
import { type ErrorClass, thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
type State = JobStatus | 'not due' | 'unknown';
let made = 0;

/** A job in a state that it came to by itself. */
async function inState(state: State): Promise<{ job: { kind: string; id: string }; held?: HeldRun }> {
  const { tracker } = bed;
  const job = { kind: 'operated', id: `${state} ${++made}` };
  const fail = () => Promise.reject(new Error('boom'));
  if (state === 'pending') await tracker.register(job);
  if (state === 'not due') await tracker.register({ ...job, runAt: new Date(Date.now() + 3_600_000) });
  if (state === 'failed') await tracker.settle(job, fail, { backoff: '1h' });
  if (state === 'ignored') await tracker.settle(job, fail, { maxAttempts: 1 });
  if (state === 'succeeded') await tracker.track(job, () => 'output');
  return state === 'in_progress' ? { job, held: await holdRun(tracker, job) } : { job };
}

const ignore = (ref: JobRef) => bed.tracker.ignore(ref, 'by hand');
const retry = (ref: JobRef) => bed.tracker.retry(ref);
const rerun = (ref: JobRef) => bed.tracker.retry(ref, { rerun: true });
const release = (ref: JobRef) => bed.tracker.release(ref);
const remove = (ref: JobRef) => bed.tracker.remove(ref);

type Verb = (ref: JobRef) => Promise<JobSnapshot>;
type Became = JobStatus | 'unchanged' | ErrorClass;
const table: [verb: string, call: Verb, became: Record<State, Became>][] = [
  [
    'retry',
    retry,
    {
      pending: 'unchanged',
      'not due': 'pending',
      failed: 'pending',
      ignored: 'pending',
      in_progress: JobLockedError,
      succeeded: JobAlreadySucceededError,
      unknown: JobNotFoundError,
    },
  ],
  [
    'retry with rerun',
    rerun,
    {
      pending: 'unchanged',
      'not due': 'pending',
      failed: 'pending',
      ignored: 'pending',
      in_progress: JobLockedError,
      succeeded: 'pending',
      unknown: JobNotFoundError,
    },
  ],
  [
    'ignore',
    ignore,
    {
      pending: 'ignored',
      'not due': 'ignored',
      failed: 'ignored',
      ignored: 'unchanged',
      in_progress: JobLockedError,
      succeeded: JobAlreadySucceededError,
      unknown: JobNotFoundError,
    },
  ],
  [
    'release',
    release,
    {
      pending: 'unchanged',
      'not due': 'unchanged',
      failed: 'unchanged',
      ignored: JobIgnoredError,
      in_progress: 'pending',
      succeeded: JobAlreadySucceededError,
      unknown: JobNotFoundError,
    },
  ],
];

describe.each(table)('%s', (_verb, call, became) => {
  test.each(Object.entries(became) as [State, Became][])('of a job that is %s', async (state, expected) => {
    const { job, held } = await inState(state);
    const before = await tablesOf(bed.sql);
    if (typeof expected === 'function') {
      await thrownBy(() => call(job), expected);
      expect(await tablesOf(bed.sql)).toEqual(before);
    } else {
      const answer = await call(job);
      expect(answer).toEqual(await bed.tracker.get(job));
      if (expected === 'unchanged') expect(await tablesOf(bed.sql)).toEqual(before);
      else expect(answer).toMatchObject({ ...job, status: expected });
    }
    await held?.succeed();
  });
});

describe('retry', () => {
  test('clears the counts and the reason, makes it due, and keeps claims, attempts and history', async () => {
    const { job } = await inState('ignored');
    const before = Date.now();
    const retried = await bed.tracker.retry(job);
    expect(retried).toMatchObject({
      failures: 0,
      crashes: 0,
      claims: 1,
      attempts: 1,
      reason: null,
      error: { message: 'boom' },
    });
    expect(retried.runAt.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
    expect(retried.runAt.getTime()).toBeGreaterThanOrEqual(before - 1_000);
    expect(await bed.tracker.attempts(job)).toHaveLength(1);
    expect(await bed.tracker.track(job, (run) => run.job.attempts)).toBe(2);
  });

  test('clears the counts of a pending job that has failed before, and keeps its place', async () => {
    const job = { kind: 'operated', id: 'failed, then snoozed' };
    await bed.tracker.settle(job, () => Promise.reject(new Error('boom')));
    await bed.tracker.settle(job, (run) => run.snooze(0));
    const snoozed = await bed.tracker.get(job);
    expect(snoozed).toMatchObject({ status: 'pending', failures: 1 });
    expect(await bed.tracker.retry(job)).toMatchObject({ status: 'pending', failures: 0, runAt: snoozed?.runAt });
  });

  test('with rerun keeps the output until the next success', async () => {
    const { job } = await inState('succeeded');
    expect(await rerun(job)).toMatchObject({ status: 'pending', output: 'output' });
    expect(await bed.tracker.track(job, () => 'again')).toBe('again');
  });
});

describe('ignore', () => {
  test('keeps the reason, and refuses the job to everybody until it is retried', async () => {
    const { job } = await inState('failed');
    expect(await ignore(job)).toMatchObject({ status: 'ignored', reason: 'by hand', error: { message: 'boom' } });
    const error = await thrownBy(() => bed.tracker.track(job, () => 1), JobIgnoredError);
    expect(error.reason).toBe('by hand');
    expect(await bed.tracker.ignore(job, 'another')).toMatchObject({ reason: 'by hand' });
    await bed.tracker.retry(job);
    expect(await bed.tracker.track(job, () => 'ran')).toBe('ran');
  });

  test.each(['', '  ', undefined, 5])('asks for a reason: %j is none', async (reason) => {
    const { job } = await inState('pending');
    const error = await thrownBy(() => bed.tracker.ignore(job, reason as never));
    expect(error.message).toMatch(/ignore: expected a reason, got: /);
    expect(await bed.tracker.get(job)).toMatchObject({ status: 'pending' });
  });
});

describe('release', () => {
  test('takes the lease away: its run is fenced off, its attempt given back, the job free at once', async () => {
    const { job, held } = await inState('in_progress');
    expect(await release(job)).toMatchObject({ status: 'pending', lease: null, claims: 1, attempts: 0 });
    expect(await bed.tracker.track(job, () => 'by another')).toBe('by another');
    expect(await held?.succeed('too late')).toMatchObject({ status: 'lost', error: expect.any(LeaseLostError) });
    expect(await bed.tracker.get(job)).toMatchObject({ status: 'succeeded', output: 'by another' });
    expect(await bed.tracker.attempts(job)).toMatchObject([
      { claim: 1, attempt: 1, outcome: 'released' },
      { claim: 2, attempt: 1, outcome: 'succeeded' },
    ]);
  });

  test('frees a job whose worker is dead, without counting its death', async () => {
    const { job, held } = await inState('in_progress');
    await expireLease(bed.sql, job);
    expect(await release(job)).toMatchObject({ status: 'pending', crashes: 0 });
    await held?.succeed();
  });
});

describe('remove', () => {
  test.each<State>(['pending', 'not due', 'failed', 'ignored', 'succeeded'])(
    'of a job that is %s takes its history with it',
    async (state) => {
      const { job } = await inState(state);
      await bed.tracker.settle(job, () => Promise.reject(new Error('boom')), { onDuplicate: 'rerun' });
      const before = await bed.tracker.get(job);
      expect(await remove(job)).toEqual(before);
      expect(await bed.tracker.get(job)).toBeNull();
      expect(await bed.tracker.attempts(job)).toEqual([]);
      expect(await bed.sql('select 1 from job_past_attempt where id = $1', [job.id])).toEqual([]);
      await thrownBy(() => remove(job), JobNotFoundError);
      expect((await bed.tracker.register(job)).registered).toBe(true);
      expect(await bed.tracker.track(job, (run) => run.job.claims)).toBe(1);
    },
  );

  test('of a running job is refused, also when its lease has run out', async () => {
    const { job, held } = await inState('in_progress');
    await thrownBy(() => remove(job), JobLockedError);
    await expireLease(bed.sql, job);
    await thrownBy(() => remove(job), JobLockedError);
    await held?.succeed();
  });
});
