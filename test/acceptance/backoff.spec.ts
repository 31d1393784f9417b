import type { JobRef, TrackingPolicy } from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const MOST_JITTER = 1.2;

async function delays(id: string, backoff: TrackingPolicy['backoff'], runs = 1): Promise<number[]> {
  const job = { kind: 'backoff', id };
  const seen: number[] = [];
  for (let run = 0; run < runs; run++) {
    await bed.tracker.settle(
      job,
      () => {
        throw new Error('boom');
      },
      { maxAttempts: 100, ...(backoff === undefined ? {} : { backoff }) },
    );
    seen.push(await delayOf(job));
  }
  return seen;
}

async function delayOf(job: JobRef): Promise<number> {
  const failed = await bed.tracker.get(job);
  return (failed?.runAt.getTime() ?? 0) - (failed?.finishedAt?.getTime() ?? 0);
}

test('a second at first, doubled by every failure, with some jitter', async () => {
  for (const [i, delay] of (await delays('built-in', undefined, 4)).entries()) {
    expect(delay).toBeGreaterThanOrEqual(1_000 * 2 ** i);
    expect(delay).toBeLessThanOrEqual(1_000 * 2 ** i * MOST_JITTER);
  }
});

test.each([
  ['a number', 5_000, 5_000],
  ['a text', '5s', 5_000],
  ['none', 0, 0],
] as const)('%s is the same delay each time', async (id, backoff, expected) => {
  for (const delay of await delays(id, backoff, 3)) {
    expect(delay).toBeGreaterThanOrEqual(expected);
    expect(delay).toBeLessThanOrEqual(expected * MOST_JITTER);
  }
});

test('first and max bound the doubling, and the jitter too', async () => {
  const seen = await delays('bounded', { first: '1s', max: '3s' }, 4);
  expect(seen[0]).toBeGreaterThanOrEqual(1_000);
  for (const delay of seen) expect(delay).toBeLessThanOrEqual(3_000);
  for (const delay of seen.slice(2)) expect(delay).toBeGreaterThan(2_000);
});

test('a function is given the failures and the error, and is taken at its word', async () => {
  const given: unknown[] = [];
  const seen = await delays(
    'function',
    (failures, error) => {
      given.push([failures, (error as Error).message]);
      return `${failures}m`;
    },
    3,
  );
  expect(given).toEqual([1, 2, 3].map((failures) => [failures, 'boom']));
  expect(seen).toEqual([60_000, 120_000, 180_000]);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('backoff is broken');
    },
  ],
  ['answers nonsense', () => 'later' as never],
])('a function that %s is passed over for the built-in delay', async (id, backoff) => {
  const [delay] = await delays(id, backoff);
  expect(delay).toBeGreaterThanOrEqual(1_000);
  expect(delay).toBeLessThanOrEqual(1_000 * MOST_JITTER);
});

test('an explicit call runs a failed job at once, whatever its backoff', async () => {
  await delays('explicit', '1h');
  expect(await bed.tracker.track({ kind: 'backoff', id: 'explicit' }, (run) => run.job.failures)).toBe(1);
});
