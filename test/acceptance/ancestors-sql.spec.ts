// The cases of sqlalchemy_mate's status tracker, under our names.
import {
  defineJob,
  InvalidOptionsError,
  JobAlreadySucceededError,
  JobIgnoredError,
  JobLockedError,
  JobNotReadyError,
} from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const boom = () => {
  throw new Error('something is wrong');
};

test('S1: a job that was only described is not written', async () => {
  const job = { kind: defineJob('s1'), id: '1', data: { version: 1 } };
  expect(await bed.tracker.get(job)).toBeNull();
});

test('S2: a registered job is in the table, without data unless some was given', async () => {
  await bed.tracker.register({ kind: 's2', id: '1' });
  expect(await bed.tracker.get({ kind: 's2', id: '1' })).toMatchObject({ status: 'pending', data: null, attempts: 0 });
  expect(await bed.sql(`select status, data from job where kind = 's2'`)).toEqual([{ status: 'pending', data: null }]);
});

test('S3: a fresh job is not locked, a running one is, in its snapshot and in the table', async () => {
  const job = { kind: 's3', id: '1' };
  expect((await bed.tracker.register(job)).job.lease).toBeNull();
  await bed.tracker.track(job, async (run) => {
    expect(run.job.status).toBe('in_progress');
    expect(run.job.lease).toMatchObject({ claim: 1, expiresAt: expect.any(Date) });
    expect(await bed.tracker.get(job)).toMatchObject({ status: 'in_progress', lease: run.job.lease });
  });
});

test('S4: data that a run sets is kept', async () => {
  const job = { kind: 's4', id: '1' };
  await bed.tracker.register({ ...job, data: { version: 1 } });
  await bed.tracker.track(job, (run) => run.set({ data: { version: 2 } }));
  expect(await bed.tracker.get(job)).toMatchObject({ data: { version: 2 } });
});

test('S5: a job that succeeded is unlocked, keeps what its run made of its data, and does not start again', async () => {
  const job = { kind: 's5', id: '1' };
  await bed.tracker.register({ ...job, data: { version: 1 } });
  await bed.tracker.track(job, (run) => {
    const { version } = run.job.data as { version: number };
    run.set({ data: { version: version + 1 } });
  });
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'succeeded', lease: null, data: { version: 2 } });

  await expect(bed.tracker.track(job, boom)).rejects.toBeInstanceOf(JobAlreadySucceededError);
  const told = await bed.tracker.settle(job, boom);
  expect(told).toMatchObject({ status: 'refused', error: { code: 'JOB_ALREADY_SUCCEEDED' } });
});

test('S6: a job that failed is unlocked, its error is rethrown, and the data it had set is dropped', async () => {
  const job = { kind: 's6', id: '1' };
  await bed.tracker.register({ ...job, data: { version: 1 } });
  const error = await thrownBy(() =>
    bed.tracker.track(job, (run) => {
      run.set({ data: { version: 2 } });
      boom();
    }),
  );
  expect(error.message).toBe('something is wrong');
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'failed', lease: null, data: { version: 1 } });
});

test('S7: a job that failed three times is ignored, and its fourth start is refused, told or thrown', async () => {
  const job = { kind: 's7', id: '1' };
  await bed.tracker.register({ ...job, data: { version: 1 } });
  for (const status of ['failed', 'failed', 'ignored'])
    expect(await bed.tracker.settle(job, boom)).toMatchObject({ status });
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'ignored', lease: null, data: { version: 1 } });

  await expect(bed.tracker.track(job, boom)).rejects.toBeInstanceOf(JobIgnoredError);
  expect(await bed.tracker.settle(job, boom)).toMatchObject({ status: 'refused', error: { code: 'JOB_IGNORED' } });
});

test('S8: a second worker on a running job is refused, changes nothing, and the first one succeeds', async () => {
  const job = { kind: 's8', id: '1' };
  await bed.tracker.track(job, async (run) => {
    run.set({ data: 'of the first' });
    const second = bed.tracker.track(job, (other) => other.set({ data: 'of the second' }));
    await expect(second).rejects.toBeInstanceOf(JobLockedError);
  });
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'succeeded', data: 'of the first' });
});

test('S9: of three steps each waits for the one before it', async () => {
  const first = defineJob('s9-first');
  const second = defineJob('s9-second', { after: first });
  const third = defineJob('s9-third', { after: ['s9-second'] });
  const run = (kind: typeof first) => bed.tracker.track({ kind, id: '1' }, () => kind.kind);

  await expect(run(second)).rejects.toBeInstanceOf(JobNotReadyError);
  await run(first);
  await expect(run(third)).rejects.toBeInstanceOf(JobNotReadyError);
  await run(second);
  expect(await run(third)).toBe('s9-third');
});

test('S10: a pending job is found by its status', async () => {
  await bed.tracker.register({ kind: 's10', id: 'waits' });
  await bed.tracker.track({ kind: 's10', id: 'done' }, () => 1);
  const { items } = await bed.tracker.list({ kind: 's10', status: 'pending' });
  expect(items.map(({ id }) => id)).toEqual(['waits']);
});

test('S11: a run can set its data and nothing else of its job', async () => {
  await bed.tracker.track({ kind: 's11', id: '1' }, async (run) => {
    for (const changes of [{ status: 'succeeded' }, { data: 1, status: 'succeeded' }, {}])
      await thrownBy(() => run.set(changes as never), InvalidOptionsError);
  });
});
