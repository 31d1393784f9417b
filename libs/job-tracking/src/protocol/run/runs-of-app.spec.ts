import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { JobInterruptedError } from '../options/errors.js';
import type { ActiveRun } from './active-run.js';
import { ActiveRuns, stopping } from './runs-of-app.js';

const GRACE = 10_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function begun(runs: ActiveRuns) {
  const run = { abort: vi.fn() };
  const heartbeat = { stop: vi.fn() };
  runs.add(run as never as ActiveRun, heartbeat);
  return { ...run, ...heartbeat, end: () => runs.delete(run as never) };
}

/** Whether it has come to its end. */
function watched(closing: Promise<void>) {
  const seen = { closed: false };
  void closing.then(() => {
    seen.closed = true;
  });
  return seen;
}

describe('an app that stops', () => {
  test('begins no call, and answers it as stopped', async () => {
    const runs = new ActiveRuns();
    await runs.close(GRACE);
    const call = vi.fn();
    expect(await runs.follow(call, (error) => error)).toBeInstanceOf(JobInterruptedError);
    expect(call).not.toHaveBeenCalled();
  });

  test('answers a call that only waited as stopped; other trouble of a call is its own', async () => {
    const runs = new ActiveRuns();
    const waits = runs.follow(
      () => new Promise((_, reject) => runs.closed.addEventListener('abort', () => reject(stopping()))),
      () => 'stopped',
    );
    await expect(
      runs.follow(
        () => Promise.reject(new Error('away')),
        () => 'stopped',
      ),
    ).rejects.toThrow('away');
    await runs.close(GRACE);
    expect(await waits).toBe('stopped');
  });

  test('waits for a call that is on its way, and no longer', async () => {
    const runs = new ActiveRuns();
    const claimed = Promise.withResolvers<string>();
    const call = runs.follow(
      () => claimed.promise,
      () => 'stopped',
    );
    const seen = watched(runs.close(GRACE));
    await vi.advanceTimersByTimeAsync(GRACE - 1);
    expect(seen.closed).toBe(false);
    claimed.resolve('done');
    await vi.advanceTimersByTimeAsync(0);
    expect([await call, seen.closed]).toEqual(['done', true]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('waits for a run that no call follows, as a consumer starts it, and no longer', async () => {
    const runs = new ActiveRuns();
    const run = begun(runs);
    const seen = watched(runs.close(GRACE));
    await vi.advanceTimersByTimeAsync(GRACE - 1);
    expect([seen.closed, run.abort.mock.calls.length]).toEqual([false, 0]);
    run.end();
    await vi.advanceTimersByTimeAsync(0);
    expect([seen.closed, run.abort.mock.calls.length]).toEqual([true, 0]);
  });

  test('interrupts what has not ended within its grace, and lets it settle as long again', async () => {
    const runs = new ActiveRuns();
    const run = begun(runs);
    const seen = watched(runs.close(GRACE));
    await vi.advanceTimersByTimeAsync(GRACE);
    expect(run.abort).toHaveBeenCalledExactlyOnceWith(expect.any(JobInterruptedError));
    await vi.advanceTimersByTimeAsync(GRACE - 1);
    expect([seen.closed, run.stop.mock.calls.length]).toEqual([false, 0]);
    run.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.closed).toBe(true);
  });

  test('renews no lease of what does not settle at all', async () => {
    const runs = new ActiveRuns();
    const run = begun(runs);
    const seen = watched(runs.close(GRACE));
    await vi.advanceTimersByTimeAsync(2 * GRACE);
    expect([seen.closed, run.stop.mock.calls.length]).toEqual([true, 1]);
  });

  test('interrupts at once what a claim on its way was granted after the signals were sent', async () => {
    const runs = new ActiveRuns();
    begun(runs);
    const closing = runs.close(GRACE);
    await vi.advanceTimersByTimeAsync(GRACE);
    expect(begun(runs).abort).toHaveBeenCalledExactlyOnceWith(expect.any(JobInterruptedError));
    await vi.advanceTimersByTimeAsync(GRACE);
    await closing;
  });
});
