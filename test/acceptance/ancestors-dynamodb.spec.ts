// The cases of pynamodb_mate's status tracker, under our names; less what is about integer codes, shards and its index.
import {
  defineJob,
  JobAlreadySucceededError,
  JobIgnoredError,
  JobLockedError,
  JobNotFoundError,
  JobNotReadyError,
} from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
class UserError extends Error {}
const boom = () => {
  throw new UserError('the user made this');
};

test('P5: a happy path of two steps; a failure is counted, a success clears the count and keeps the history', async () => {
  const step1 = { kind: defineJob('p5-1'), id: 't' };
  const step2 = { kind: defineJob('p5-2', { after: 'p5-1' }), id: 't' };
  await expect(bed.tracker.track(step2, () => 1)).rejects.toBeInstanceOf(JobNotReadyError);

  await bed.tracker.track(step1, async (run) => {
    expect(run.job).toMatchObject({ status: 'in_progress', lease: expect.anything() });
    expect(await bed.tracker.get(step1)).toMatchObject({ status: 'in_progress', lease: expect.anything() });
    run.set({ data: { version: 1 } });
  });
  const done = { status: 'succeeded', lease: null, data: { version: 1 }, failures: 0, error: null };
  expect(await bed.tracker.get(step1)).toMatchObject(done);
  await expect(bed.tracker.track(step1, () => 1)).rejects.toBeInstanceOf(JobAlreadySucceededError);

  await bed.tracker.register({ ...step2, data: { version: 1 } });
  const failing = bed.tracker.track(step2, (run) => {
    run.set({ data: { version: 2 } });
    boom();
  });
  await expect(failing).rejects.toBeInstanceOf(UserError);
  expect(await bed.tracker.get(step2)).toMatchObject({ status: 'failed', data: { version: 1 }, failures: 1 });
  expect(await bed.tracker.attempts(step2)).toMatchObject([{ outcome: 'failed', error: { name: 'UserError' } }]);

  await bed.tracker.track(step2, () => 1);
  expect(await bed.tracker.get(step2)).toMatchObject({ status: 'succeeded', failures: 0, error: null, attempts: 2 });
  expect(await bed.tracker.attempts(step2)).toMatchObject([
    { claim: 1, outcome: 'failed', error: { name: 'UserError' } },
    { claim: 2, outcome: 'succeeded', error: null },
  ]);
});

test('P6: a start that is refused as locked moves no time, counts nothing and logs no error on the job', async () => {
  const job = { kind: 'p6', id: '1' };
  await bed.tracker.track(job, async () => {
    const before = await bed.tracker.get(job);
    await expect(bed.tracker.track(job, () => 1)).rejects.toBeInstanceOf(JobLockedError);
    expect(await bed.tracker.get(job)).toEqual(before);
    expect(before).toMatchObject({ status: 'in_progress', failures: 0, error: null });
  });
  expect(await bed.tracker.attempts(job)).toHaveLength(1);
});

test('P7: three failures are three records of history, and the job is ignored', async () => {
  const job = { kind: 'p7', id: '1' };
  for (let i = 0; i < 3; i++) await bed.tracker.settle(job, boom);
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'ignored', failures: 3 });
  expect((await bed.tracker.attempts(job)).map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed']);
  await expect(bed.tracker.track(job, () => 1)).rejects.toBeInstanceOf(JobIgnoredError);
});

test('P8: a job that nobody registered is not found, where the policy asks for one', async () => {
  const unknown = bed.tracker.track({ kind: 'p8', id: 'unknown' }, () => 1, { onMissing: 'refuse' });
  await expect(unknown).rejects.toBeInstanceOf(JobNotFoundError);
  expect(await bed.tracker.get({ kind: 'p8', id: 'unknown' })).toBeNull();
});

test('P9: jobs are found by one status and by several, counted, and gone when they are removed', async () => {
  const { tracker } = bed;
  const kind = defineJob('p9', { maxAttempts: 2 });
  await tracker.register({ kind, id: 'pending', data: { kept: true } });
  await tracker.settle({ kind, id: 'failed' }, boom);
  for (let i = 0; i < 2; i++) await tracker.settle({ kind, id: 'ignored' }, boom);
  await tracker.track({ kind, id: 'succeeded' }, () => 1);
  await tracker.track({ kind, id: 'in_progress' }, async () => {
    for (const status of ['pending', 'in_progress', 'failed', 'succeeded', 'ignored'] as const)
      expect((await tracker.list({ kind, status })).items.map(({ id }) => id)).toEqual([status]);
    const unfinished = await tracker.list({ kind, status: ['pending', 'failed'] });
    expect(unfinished.items.map(({ id }) => id)).toEqual(['pending', 'failed']);
    expect(unfinished.items[0]?.data).toEqual({ kept: true });
    expect(await tracker.count({ kind })).toBe(5);
  });
  expect(await tracker.removeMany({ kind })).toBe(5);
  expect(await tracker.count({ kind })).toBe(0);
});
