import { once } from 'node:events';
import { JobTimeoutError } from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const policy = { timeout: 20 };

test('the signal fires, and the failure is recorded only when the handler has really ended', async () => {
  const job = { kind: 'late', id: '1' };
  const end = Promise.withResolvers<void>();
  const fired = Promise.withResolvers<unknown>();
  const outcome = bed.tracker.settle(
    job,
    async ({ signal }) => {
      await once(signal, 'abort');
      fired.resolve(signal.reason);
      await end.promise;
    },
    policy,
  );
  expect(await fired.promise).toBeInstanceOf(JobTimeoutError);
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'in_progress' });
  end.resolve();
  expect(await outcome).toMatchObject({ status: 'failed', error: { code: 'JOB_TIMEOUT' } });
  const failed = { status: 'failed', failures: 1, error: { name: 'JobTimeoutError' }, output: null };
  expect(await bed.tracker.get(job)).toMatchObject(failed);
});

test('what the handler threw on account of it is kept as its cause', async () => {
  const work = async ({ signal }: { signal: AbortSignal }) => {
    await once(signal, 'abort');
    throw new Error('the upload was cut');
  };
  const error = await thrownBy(() => bed.tracker.track({ kind: 'cause', id: '1' }, work, policy), JobTimeoutError);
  expect(error.cause).toMatchObject({ message: 'the upload was cut' });
  expect(error.message).toContain('20 ms');
});

test('a handler that ends in time never sees it', async () => {
  const seen: AbortSignal[] = [];
  await bed.tracker.track({ kind: 'in-time', id: '1' }, ({ signal }) => seen.push(signal), policy);
  await new Promise((resolve) => setTimeout(resolve, 2 * policy.timeout));
  expect(seen.map(({ aborted }) => aborted)).toEqual([false]);
});

test('a snooze after it stands', async () => {
  const told = await bed.tracker.settle(
    { kind: 'snoozed', id: '1' },
    async (run) => {
      await once(run.signal, 'abort');
      return run.snooze('1m');
    },
    policy,
  );
  expect(told).toMatchObject({ status: 'pending', error: { code: 'JOB_NOT_DUE' } });
});
