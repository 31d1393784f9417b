import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryJobStore } from '../../memory/index.js';
import type { JobEvent } from '../events/job-events.js';
import { type TrackingPolicy } from '../job/kind.js';
import { resolvePolicy } from '../job/policy.js';
import { InvalidJobError, JobInterruptedError, JobTimeoutError, LeaseLostError } from '../options/errors.js';
import { PAYLOAD_LIMITS, Payloads } from '../payload/payloads.js';
import { runTracked, type Work } from './run-tracked.js';
import { ActiveRuns } from './runs-of-app.js';

/** Fake timers do not reach those of node:timers/promises by themselves. */
const promised: typeof timers.setTimeout = (ms, value, { signal } = {}) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(value as never), ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });

/** The main path on the in-memory store, which a law spoils as databases are spoiled, by timers that run as fast as they are asked to. */
const LEASE = 30_000;
const job = { kind: 'kind', id: '1' };

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(timers, 'setTimeout').mockImplementation(promised);
  syncBuiltinESMExports();
});
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  vi.useRealTimers();
});

function begin() {
  const store = new MemoryJobStore();
  const told: JobEvent[] = [];
  const payloads = new Payloads(PAYLOAD_LIMITS, undefined);
  const events = { announce: (event: JobEvent) => void told.push(event) };
  const tracking = { store, events, payloads, worker: 'one', defaults: {}, runs: new ActiveRuns() };
  const settle = (work: Work, policy: TrackingPolicy = {}, { id = '1', data }: { id?: string; data?: unknown } = {}) =>
    runTracked(tracking, { ...job, id, ...(data !== undefined && { data }) }, resolvePolicy(policy), work);
  const types = () => told.map(({ type }) => type);
  return { store, tracking, told, types, settle };
}

const away = new Error('away');
const throws = (error: unknown) => () => Promise.reject(error);

describe('what becomes of a run is told', () => {
  test.each<[what: string, work: Work, policy: TrackingPolicy, events: string[]]>([
    ['succeeds', () => 'done', {}, ['claimed', 'succeeded']],
    ['returns what cannot be kept', () => 1n, {}, ['claimed', 'succeeded', 'output_dropped']],
    ['fails', throws(away), {}, ['claimed', 'failed']],
    ['fails once too often', throws(away), { maxAttempts: 1 }, ['claimed', 'failed', 'ignored']],
    ['can never succeed', throws(away), { classify: () => 'ignore' }, ['claimed', 'ignored']],
    ['is ignored by its handler', (run) => run.ignore('gone'), {}, ['claimed', 'ignored']],
    [
      'throws what a job inside it was interrupted by',
      throws(new JobInterruptedError('stopping')),
      {},
      ['claimed', 'interrupted'],
    ],
    ['snoozes', (run) => run.snooze('1m'), {}, ['claimed', 'snoozed']],
    ['gives its job back', throws(away), { classify: () => 'release' }, ['claimed', 'released']],
  ])('of one that %s', async (_, work, policy, events) => {
    const { settle, types } = begin();
    await settle(work, policy);
    expect(types()).toEqual(events);
  });

  test('of one that finds its predecessor dead, and of one that finds it dead once too often', async () => {
    const { store, settle, types } = begin();
    void settle(() => new Promise(() => {}), { lease: '1s' });
    await vi.advanceTimersByTimeAsync(0);
    store.advance(60_000);
    void settle(() => new Promise(() => {}), { lease: '1s' });
    await vi.advanceTimersByTimeAsync(0);
    store.advance(60_000);
    expect(await settle(() => 'done', { maxCrashes: 2 })).toMatchObject({ status: 'refused' });
    expect(types()).toEqual(['claimed', 'claimed', 'taken_over', 'crashed', 'refused']);
  });

  test('of one whose app stops, and of one that loses its lease', async () => {
    const { tracking, store, settle, types } = begin();
    const aborted = (run: { signal: AbortSignal }) =>
      new Promise((_, reject) => run.signal.addEventListener('abort', () => reject(run.signal.reason)));
    const lost = settle(aborted, {}, { id: 'lost' });
    await vi.advanceTimersByTimeAsync(0);
    await store.release({ ...job, id: 'lost' });
    await vi.advanceTimersByTimeAsync(LEASE);
    expect(await lost).toMatchObject({ status: 'lost', redeliver: LEASE });
    const interrupted = settle(aborted);
    await vi.advanceTimersByTimeAsync(0);
    await Promise.all([tracking.runs.close(10), vi.advanceTimersByTimeAsync(20)]);
    expect(await interrupted).toMatchObject({ status: 'pending' });
    expect(types()).toEqual(['claimed', 'lost', 'claimed', 'interrupted']);
  });
});

describe('an outcome that cannot be written', () => {
  const spoiled = (until: number) => {
    const world = begin();
    const { succeed, end } = world.store;
    const from = performance.now();
    const unless =
      <A extends unknown[], T>(write: (...args: A) => Promise<T>) =>
      async (...args: A): Promise<T> => {
        if (performance.now() - from < until) throw away;
        return write.apply(world.store, args);
      };
    vi.spyOn(world.store, 'succeed').mockImplementation(unless(succeed));
    vi.spyOn(world.store, 'end').mockImplementation(unless(end));
    return world;
  };

  test.each<[what: string, work: Work, status: string]>([
    ['success', () => 'done', 'succeeded'],
    ['failure', throws(new Error('no')), 'failed'],
  ])('is written when the trouble has passed: a %s', async (_, work, status) => {
    const { settle, types } = spoiled(25_000);
    const outcome = settle(work);
    await vi.advanceTimersByTimeAsync(28_000);
    expect(await outcome).toMatchObject({ status });
    expect(types().filter((type) => type === 'record_delayed').length).toBeGreaterThan(10);
  });

  test.each([
    ['half a minute', 1_000, 30_000],
    ['a lease that is longer', 120_000, 120_000],
  ])('is given up after %s: the run is lost, its signal fires, and the trouble is why', async (_, lease, patience) => {
    const { settle, types } = spoiled(Number.POSITIVE_INFINITY);
    const signals: AbortSignal[] = [];
    let outcome: unknown;
    const settling = settle((run) => void signals.push(run.signal), { lease }).then((told) => {
      outcome = told;
    });
    await vi.advanceTimersByTimeAsync(patience - 3_000);
    expect(outcome).toBeUndefined();
    await vi.advanceTimersByTimeAsync(3_000);
    await settling;
    expect(outcome).toMatchObject({ status: 'lost', error: expect.any(LeaseLostError) });
    expect(outcome).toMatchObject({ error: { cause: away, message: expect.stringContaining('not be recorded') } });
    expect(signals[0]?.reason).toBe((outcome as { error: unknown }).error);
    expect(types().at(-1)).toBe('lost');
  });

  test('is without the output that the store refuses, and only for that', async () => {
    const { store, settle, types } = begin();
    const succeed = vi.spyOn(store, 'succeed');
    succeed.mockImplementationOnce(throws(new InvalidJobError('output', 'the database refused it')));
    expect(await settle(() => 'red')).toMatchObject({ status: 'succeeded', output: 'red' });
    expect(await store.get(job)).toMatchObject({ output: null, reason: 'output not kept: the database refused it' });
    expect(types()).toEqual(['claimed', 'succeeded', 'output_dropped']);
  });

  test('is given up with patience, where the store refuses one that has no output', async () => {
    const { store, settle, types } = begin();
    vi.spyOn(store, 'succeed').mockImplementation(throws(new InvalidJobError('output', 'the database refused it')));
    const outcome = settle(() => undefined);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await outcome).toMatchObject({ status: 'lost' });
    expect(types()).not.toContain('output_dropped');
    expect(vi.mocked(store.succeed).mock.calls.length).toBe(types().filter((type) => type === 'record_delayed').length);
  });
});

describe('a lease', () => {
  test('is renewed no more when the run has ended, and its timers are gone', async () => {
    const { store, settle } = begin();
    const renew = vi.spyOn(store, 'renew');
    await settle(() => 'done', { timeout: '1m' });
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(10 * LEASE);
    expect(renew).not.toHaveBeenCalled();
  });

  test('whose renewal fails is told, and carries progress when it comes through, once', async () => {
    const { store, told, settle } = begin();
    const renew = vi.spyOn(store, 'renew');
    const end = Promise.withResolvers<void>();
    const outcome = settle((run) => {
      run.progress(0.5);
      return end.promise;
    });
    renew.mockImplementationOnce(throws(away));
    await vi.advanceTimersByTimeAsync(LEASE / 3);
    expect(told.at(-1)).toMatchObject({ type: 'renewal_failed', error: away, claim: 1, attempt: 1 });
    await vi.advanceTimersByTimeAsync(LEASE);
    end.resolve();
    await outcome;
    const carried = renew.mock.calls.map(([, { progress }]) => progress?.fraction ?? null);
    expect(carried.filter((fraction) => fraction !== null)).toHaveLength(1);
  });

  test('that is lost fires the signal; what it was lost by is what the caller is told', async () => {
    const { store, settle } = begin();
    const reasons: unknown[] = [];
    const outcome = settle(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      reasons.push(signal.reason);
      throw new Error('because of that');
    });
    await vi.advanceTimersByTimeAsync(0);
    vi.spyOn(store, 'renew').mockImplementation(throws(away));
    vi.spyOn(store, 'end').mockImplementation(async () => null);
    await vi.advanceTimersByTimeAsync(LEASE);
    const { error } = (await outcome) as { error: LeaseLostError };
    expect([error, error.cause]).toEqual([reasons[0], away]);
  });

  test('an outcome that could not be recorded in time is told with the trouble as its cause: it may still come through', async () => {
    const { store, settle } = begin();
    const outcome = settle(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return 'done';
    });
    await vi.advanceTimersByTimeAsync(0);
    vi.spyOn(store, 'renew').mockImplementation(throws(new Error('the renewal got no answer')));
    vi.spyOn(store, 'succeed').mockImplementation(throws(away));
    await vi.advanceTimersByTimeAsync(3 * LEASE);
    const { status, error } = (await outcome) as { status: string; error: LeaseLostError };
    expect([status, error.cause]).toEqual(['lost', away]);
    expect(error.message).toContain('it may have been, or may still be');
  });

  test('that was lost without a signal is told with what the handler threw', async () => {
    const { store, settle } = begin();
    const thrown = new Error('no');
    vi.spyOn(store, 'end').mockImplementation(async () => null);
    expect(await settle(throws(thrown))).toMatchObject({
      status: 'lost',
      error: { code: 'LEASE_LOST', cause: thrown },
    });
  });

  test('that is lost after a timeout is told as lost, not as late', async () => {
    const { store, settle } = begin();
    vi.spyOn(store, 'end').mockImplementation(async () => null);
    const outcome = settle(({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)), {
      timeout: 20,
    });
    await vi.advanceTimersByTimeAsync(20);
    expect(await outcome).toMatchObject({ status: 'lost', error: expect.any(LeaseLostError) });
  });

  test('in doubt is no failure of the job: a handler that throws is interrupted, one that returns has succeeded', async () => {
    const { store, settle } = begin();
    vi.spyOn(store, 'renew').mockImplementation(throws(away));
    const after = (end: (signal: AbortSignal) => unknown) => async (run: { signal: AbortSignal }) => {
      await new Promise((resolve) => run.signal.addEventListener('abort', resolve));
      return end(run.signal);
    };
    const fails = (signal: AbortSignal) => {
      throw signal.reason;
    };
    const outcomes = Promise.all([
      settle(after(fails)),
      settle(
        after(() => 'done'),
        {},
        { id: '2' },
      ),
    ]);
    await vi.advanceTimersByTimeAsync(LEASE);
    expect(await outcomes).toMatchObject([
      { status: 'pending', error: expect.any(LeaseLostError) },
      { status: 'succeeded' },
    ]);
    expect(await store.get(job)).toMatchObject({ failures: 0, attempts: 0 });
  });
});

describe('why a signal fired goes before what the handler then did', () => {
  const afterAbort = (end: (run: Parameters<Work>[0]) => unknown) => async (run: Parameters<Work>[0]) => {
    await new Promise((resolve) => run.signal.addEventListener('abort', resolve));
    return end(run);
  };
  const ends: [what: string, end: (run: Parameters<Work>[0]) => unknown][] = [
    ['returns', () => 'done'],
    ['throws something else', throws(away)],
    ['throws the reason', (run) => Promise.reject(run.signal.reason)],
  ];

  test.each(ends)('a timeout, when it %s', async (what, end) => {
    const { settle, store } = begin();
    const outcome = settle(afterAbort(end), { timeout: 20 });
    await vi.advanceTimersByTimeAsync(20);
    const told = (await outcome) as { error: Error };
    expect(told).toMatchObject({ status: 'failed', error: expect.any(JobTimeoutError) });
    expect(told.error.cause).toBe(what === 'throws something else' ? away : undefined);
    expect(await store.get(job)).toMatchObject({ failures: 1 });
  });

  test.each(ends)('an interruption, when it %s', async (_, end) => {
    const { settle, store, tracking } = begin();
    const outcome = settle(afterAbort(end));
    await vi.advanceTimersByTimeAsync(0);
    await Promise.all([tracking.runs.close(10), vi.advanceTimersByTimeAsync(20)]);
    expect(await outcome).toMatchObject({ status: 'pending', error: expect.any(JobInterruptedError) });
    expect(await store.get(job)).toMatchObject({ failures: 0, attempts: 0 });
  });

  test.each<[what: string, end: (run: Parameters<Work>[0]) => unknown, status: string]>([
    ['snoozes', (run) => run.snooze('1m'), 'pending'],
    ['ignores', (run) => run.ignore('gone'), 'ignored'],
  ])('but not one that %s: that stands', async (_, end, status) => {
    const { settle, store, tracking } = begin();
    const late = settle(afterAbort(end), { timeout: 20 });
    await vi.advanceTimersByTimeAsync(20);
    expect(await late).toMatchObject({ error: { code: expect.stringMatching(/JOB_NOT_DUE|JOB_IGNORED/) } });
    expect(await store.get(job)).toMatchObject({ status, failures: 0 });
    const stopped = settle(afterAbort(end), {}, { id: '2' });
    await vi.advanceTimersByTimeAsync(0);
    await Promise.all([tracking.runs.close(10), vi.advanceTimersByTimeAsync(20)]);
    expect(await stopped).toMatchObject({ error: { code: expect.stringMatching(/JOB_NOT_DUE|JOB_IGNORED/) } });
  });
});

describe('who joins a run that is under way', () => {
  test('asks again with patience, but no later than the holder could be taken over', async () => {
    const { store, settle } = begin();
    void settle(() => new Promise(() => {}), { lease: 2_600 });
    await vi.advanceTimersByTimeAsync(0);
    vi.spyOn(store, 'renew').mockImplementation(() => new Promise(() => {}));
    const asked = vi.spyOn(store, 'claim');
    const joined = settle(() => 'done', { onDuplicate: 'join' });
    const from = performance.now();
    const took = joined.then(() => performance.now() - from);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await joined).toMatchObject({ status: 'succeeded', output: 'done' });
    expect(await took).toBeLessThan(2_600 + 250);
    expect(asked.mock.calls.length).toBeLessThan(12);
  });

  test('waits for a holder alone: what is refused for another reason is refused at once', async () => {
    const { store, settle } = begin();
    await store.register({
      ...job,
      data: null,
      dataHash: null,
      runAt: new Date(Date.now() + LEASE),
      priority: 0,
      maxAttempts: null,
    });
    expect(await settle(() => 'done', { onDuplicate: 'join' })).toMatchObject({ error: { code: 'JOB_NOT_DUE' } });
  });
});
