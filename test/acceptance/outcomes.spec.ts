// What track throws and what settle tells, and when a broker should deliver again.
import {
  JobAlreadySucceededError,
  JobIgnoredError,
  JobInterruptedError,
  JobLockedError,
  JobNotDueError,
  JobNotFoundError,
  JobNotReadyError,
  type JobRefusedError,
  LeaseLostError,
} from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { startApp } from '../support/app.js';
import { holdRun } from '../support/held-run.js';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const boom = new Error('boom');
const failing = () => {
  throw boom;
};

test('succeeded: the output itself, and nothing to deliver again', async () => {
  const output = { at: new Date(0) };
  expect(await bed.tracker.track({ kind: 'done', id: 'thrown' }, () => output)).toBe(output);
  const told = await bed.tracker.settle({ kind: 'done', id: 'told' }, () => output);
  expect(told).toEqual({ status: 'succeeded', output, replayed: false, redeliver: false });
});

test('failed: the very error, and its backoff as the time to deliver again', async () => {
  const policy = { backoff: 2_000 };
  expect(await thrownBy(() => bed.tracker.track({ kind: 'failed', id: '1' }, failing, policy))).toBe(boom);
  const told = await bed.tracker.settle({ kind: 'failed', id: '2' }, failing, policy);
  expect(told).toMatchObject({ status: 'failed', error: boom, redeliver: expect.any(Number) });
  expect(told.redeliver).toBeGreaterThanOrEqual(2_000);
  const job = await bed.tracker.get({ kind: 'failed', id: '2' });
  expect(job?.runAt.getTime()).toBeGreaterThanOrEqual((job?.finishedAt?.getTime() ?? Infinity) + 2_000);
});

test('failed for the last time: told as ignored, with the error, nothing to deliver again', async () => {
  const told = await bed.tracker.settle({ kind: 'last', id: '1' }, failing, { maxAttempts: 1 });
  expect(told).toEqual({ status: 'ignored', error: boom, redeliver: false });
});

test('ignored by its run: the caller gets what the next one would get', async () => {
  const work = (run: { ignore(reason: string): never }) => run.ignore('the customer is gone');
  const error = await thrownBy(() => bed.tracker.track({ kind: 'ignored', id: '1' }, work), JobIgnoredError);
  expect(error).toMatchObject({ reason: 'the customer is gone', final: true, retryAfter: null });
  const told = await bed.tracker.settle({ kind: 'ignored', id: '2' }, work);
  expect(told).toMatchObject({ status: 'ignored', error: { code: 'JOB_IGNORED' }, redeliver: false });
});

test('snoozed: told as pending, JobNotDueError to whoever waits, due after the delay', async () => {
  const work = (run: { snooze(delay: number): never }) => run.snooze(60_000);
  const error = await thrownBy(() => bed.tracker.track({ kind: 'snoozed', id: '1' }, work), JobNotDueError);
  expect(error.final).toBe(false);
  expect(error.runAt).toEqual(error.job?.runAt);
  expect(error.retryAfter).toBeGreaterThan(55_000);
  const told = await bed.tracker.settle({ kind: 'snoozed', id: '2' }, work);
  expect(told).toMatchObject({ status: 'pending', error: { code: 'JOB_NOT_DUE' }, redeliver: 60_000 });
});

test('released by classify: told as pending, with the error, to be delivered again at once', async () => {
  const policy = { classify: () => 'release' as const };
  const told = await bed.tracker.settle({ kind: 'released', id: '1' }, failing, policy);
  expect(told).toEqual({ status: 'pending', error: boom, redeliver: 0 });
});

test('lost: LeaseLostError, whatever the handler made of it, to be delivered again after the lease', async () => {
  const policy = { lease: 5_000 };
  for (const [id, end] of [
    ['returns', (held: Awaited<ReturnType<typeof holdRun>>) => held.succeed('late')],
    ['throws', (held: Awaited<ReturnType<typeof holdRun>>) => held.fail(boom)],
  ] as const) {
    const held = await holdRun(bed.tracker, { kind: 'lost', id }, policy);
    await bed.tracker.release({ kind: 'lost', id });
    const told = await end(held);
    expect(told).toMatchObject({ status: 'lost', redeliver: 5_000 });
    expect(told.status === 'lost' && told.error).toBeInstanceOf(LeaseLostError);
    expect(await bed.tracker.get({ kind: 'lost', id })).toMatchObject({ status: 'pending', output: null, error: null });
  }
});

test('refused: final refusals are not delivered again, the others after their time', async () => {
  const { tracker } = bed;
  const kind = 'refused';
  await tracker.track({ kind, id: 'succeeded' }, () => 1);
  await tracker.register({ kind, id: 'later', runAt: new Date(Date.now() + 60_000) });
  await tracker.register({ kind, id: 'ignored' });
  await tracker.ignore({ kind, id: 'ignored' }, 'no');
  const held = await holdRun(tracker, { kind, id: 'locked' }, { lease: '20s' });

  const final = { final: true, retryAfter: null };
  const expected: [id: string, policy: object, error: unknown, fields: object][] = [
    ['succeeded', {}, JobAlreadySucceededError, { ...final, output: 1 }],
    ['ignored', {}, JobIgnoredError, { ...final, reason: 'no' }],
    ['missing', { onMissing: 'refuse' }, JobNotFoundError, { ...final, job: null }],
    ['later', {}, JobNotDueError, { final: false }],
    ['locked', {}, JobLockedError, { final: false, expiresAt: held.run.job.lease?.expiresAt }],
    ['waits', { after: 'another-kind' }, JobNotReadyError, { final: false, waitsFor: ['another-kind'] }],
  ];
  for (const [id, policy, Refusal, fields] of expected) {
    const told = await tracker.settle({ kind, id }, failing, policy);
    const error = (told as { error: JobRefusedError }).error;
    expect(told).toEqual({ status: 'refused', error, redeliver: error.final ? false : error.retryAfter });
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject(fields);
    expect(error.message).toContain(`"${kind}/${id}"`);
    if (error.job) expect(error.job).toMatchObject({ kind, id });
  }
  const locked = await thrownBy(() => tracker.track({ kind, id: 'locked' }, failing), JobLockedError);
  expect(locked.retryAfter).toBeGreaterThan(15_000);
  expect(locked.retryAfter).toBeLessThanOrEqual(20_000);
  await held.succeed();
});

test('a process that stops runs nothing more: told as pending, thrown as JobInterruptedError', async () => {
  const app = await startApp({ url: bed.database.url });
  await app.close();
  const job = { kind: 'stopping', id: '1' };
  expect(await app.tracker.settle(job, failing)).toMatchObject({ status: 'pending', redeliver: 0 });
  await expect(app.tracker.track(job, failing)).rejects.toBeInstanceOf(JobInterruptedError);
  expect(await bed.tracker.get(job)).toBeNull();
});
