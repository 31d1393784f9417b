import { defineJob, JobIgnoredError } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { holdRun } from '../support/held-run.js';
import { expireLease } from '../support/job-rows.js';
import { useTrackedApp } from '../support/tracked-app.js';

// Workers that died do not end by themselves: the app's stop must not wait for them.
const bed = useTrackedApp({ tracking: { grace: 50 } });
const boom = () => {
  throw new Error('boom');
};

/** A run whose worker is never heard of again. */
async function die(job: { kind: string; id: string }, policy: object): Promise<void> {
  await holdRun(bed.tracker, job, policy);
  await expireLease(bed.sql, job);
}

describe.each([1, 2, 3])('with maxAttempts %d', (maxAttempts) => {
  test('a job that throws runs exactly so often', async () => {
    const job = { kind: 'throws', id: String(maxAttempts) };
    for (let run = 1; run <= maxAttempts; run++) {
      const { status } = await bed.tracker.settle(job, boom, { maxAttempts });
      expect(status).toBe(run < maxAttempts ? 'failed' : 'ignored');
    }
    await expect(bed.tracker.track(job, boom, { maxAttempts })).rejects.toBeInstanceOf(JobIgnoredError);
    const reason = maxAttempts === 1 ? 'failed once' : `failed ${maxAttempts} times`;
    expect(await bed.tracker.get(job)).toMatchObject({ claims: maxAttempts, failures: maxAttempts, reason });
  });

  test('a job whose worker dies runs exactly so often', async () => {
    const job = { kind: 'dies', id: String(maxAttempts) };
    for (let run = 1; run <= maxAttempts; run++) await die(job, { maxAttempts });
    await expect(bed.tracker.track(job, boom, { maxAttempts })).rejects.toBeInstanceOf(JobIgnoredError);
    expect(await bed.tracker.get(job)).toMatchObject({ status: 'ignored', claims: maxAttempts, crashes: maxAttempts });
  });

  test('thrown and crashed endings count together', async () => {
    const job = { kind: 'both', id: String(maxAttempts) };
    for (let run = 1; run < maxAttempts; run++)
      if (run % 2) await bed.tracker.settle(job, boom, { maxAttempts });
      else await die(job, { maxAttempts });
    expect(await bed.tracker.settle(job, boom, { maxAttempts })).toMatchObject({ status: 'ignored' });
    expect(await bed.tracker.get(job)).toMatchObject({ claims: maxAttempts, attempts: maxAttempts });
  });
});

test('a tighter bound for crashes alone leaves a job that throws its attempts', async () => {
  const policy = { maxAttempts: 5, maxCrashes: 2 };
  const job = { kind: 'tighter', id: '1' };
  await die(job, policy);
  expect(await bed.tracker.settle(job, boom, policy)).toMatchObject({ status: 'failed' });
  await die(job, policy);
  const error = await bed.tracker.track(job, boom, policy).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(JobIgnoredError);
  expect(error.reason).toBe('its worker died 2 times');
  const outcomes = (await bed.tracker.attempts(job)).map(({ outcome }) => outcome);
  expect(outcomes).toEqual(['crashed', 'failed', 'crashed']);
});

test('a success gives all attempts back', async () => {
  const job = { kind: 'again', id: '1' };
  const policy = { maxAttempts: 2, onDuplicate: 'rerun' } as const;
  for (let round = 0; round < 3; round++) {
    expect(await bed.tracker.settle(job, boom, policy)).toMatchObject({ status: 'failed' });
    await bed.tracker.track(job, () => round, policy);
  }
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'succeeded', claims: 6, attempts: 6, failures: 0 });
});

test('a job’s own bound, set at registration, goes before the policy’s, looser or tighter', async () => {
  const kind = defineJob('own', { maxAttempts: 2 });
  await bed.tracker.register({ kind, id: 'looser', maxAttempts: 4 });
  await bed.tracker.register({ kind, id: 'tighter', maxAttempts: 1 });
  expect(await bed.tracker.settle({ kind, id: 'tighter' }, boom)).toMatchObject({ status: 'ignored' });
  for (const status of ['failed', 'failed', 'failed', 'ignored'])
    expect(await bed.tracker.settle({ kind, id: 'looser' }, boom, { maxAttempts: 3 })).toMatchObject({ status });
});

test('the policy is the call’s, then the kind’s, then the app’s, then the built-in one, key by key', async () => {
  const kind = defineJob('layers', { maxAttempts: 2, backoff: 1_000 });
  expect(await bed.tracker.settle({ kind, id: 'call' }, boom, { maxAttempts: 1 })).toMatchObject({ status: 'ignored' });
  for (const status of ['failed', 'ignored'])
    expect(await bed.tracker.settle({ kind, id: 'kind' }, boom)).toMatchObject({ status });
  for (const status of ['failed', 'failed', 'ignored'])
    expect(await bed.tracker.settle({ kind: 'layers', id: 'built-in' }, boom)).toMatchObject({ status });
});
