import { afterEach, describe, expect, test } from 'vitest';
import { brokenHistory } from '../support/history.js';
import { expireLease } from '../support/job-rows.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const fails = () => Promise.reject(new Error('as planned'));

afterEach(async () => {
  expect(await brokenHistory(bed.sql)).toEqual([]);
  await bed.sql('truncate job, job_past_attempt');
});

/** As if the database's clock had been an hour ahead until now: whatever it has written so far was written later than now. */
async function setBack(): Promise<void> {
  await bed.sql(`update job set started_at = started_at + interval '1 h', finished_at = finished_at + interval '1 h'`);
}

async function spans(job: { kind: string; id: string }): Promise<boolean[]> {
  return (await bed.tracker.attempts(job)).map(({ startedAt, endedAt }) => Number(endedAt) >= Number(startedAt));
}

describe('a database whose clock was set back', () => {
  test('begins no attempt before the one before it ended, asked for by a call', async () => {
    const job = { kind: 'call', id: '1' };
    await bed.tracker.settle(job, fails);
    await setBack();
    expect(await bed.tracker.settle(job, () => 'done')).toMatchObject({ status: 'succeeded' });
    expect(await spans(job)).toEqual([true, true]);
  });

  test('begins no attempt before the one before it ended, taken by a consumer', async () => {
    const job = { kind: 'consumer', id: '1' };
    await bed.tracker.settle(job, fails, { backoff: 0 });
    await setBack();
    await bed.tracker.consume(job.kind, () => 'done').drain();
    expect(await spans(job)).toEqual([true, true]);
  });

  test.each<[how: string, work: () => unknown]>([
    ['succeeds', () => 'done'],
    ['fails', fails],
  ])('ends no attempt that %s before it began', async (how, work) => {
    const job = { kind: 'ends', id: how };
    await bed.tracker.settle(job, async () => {
      await setBack();
      return work();
    });
    expect(await spans(job)).toEqual([true]);
  });

  test('ends no attempt that is released before it began', async () => {
    const job = { kind: 'released', id: '1' };
    await bed.tracker.settle(job, async () => {
      await setBack();
      await bed.tracker.release(job);
    });
    expect(await spans(job)).toEqual([true]);
  });

  test('ends no attempt that died before it began, and begins none before it', async () => {
    const job = { kind: 'died', id: '1' };
    await bed.tracker.settle(job, async () => {
      await setBack();
      await expireLease(bed.sql, job);
      await bed.tracker.settle(job, () => 'done');
    });
    expect(await spans(job)).toEqual([true, true]);
  });

  test('ends no attempt whose job dies with it before it began', async () => {
    const job = { kind: 'ignored', id: '1' };
    await bed.tracker.settle(job, async () => {
      await setBack();
      await expireLease(bed.sql, job);
      await bed.tracker.settle(job, () => 'done', { maxCrashes: 1 });
    });
    expect(await bed.tracker.get(job)).toMatchObject({ status: 'ignored' });
    expect(await spans(job)).toEqual([true]);
  });
});
