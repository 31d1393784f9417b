import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Lease } from '../store/job-store.js';
import { startHeartbeat } from './heartbeat.js';

const LEASE = 30_000;
/** Of a lease of 30 s: a third of it, a try again, and where doubt begins. */
const [INTERVAL, RETRY, DOUBT] = [10_000, 1_000, 29_500];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A database that answers what the test says, at once unless it is asked to wait. */
function begin() {
  const answers = {
    next: (async () => ({ heldUntil: performance.now() + LEASE })) as () => Promise<Lease | null>,
    asked: [] as number[],
    lost: [] as [why: string, cause: unknown][],
    troubles: [] as unknown[],
  };
  const began = performance.now();
  const heartbeat = startHeartbeat({
    lease: LEASE,
    heldUntil: began + LEASE,
    renew: () => {
      answers.asked.push(performance.now() - began);
      return answers.next();
    },
    lost: (why, cause) => answers.lost.push([why, cause]),
    troubled: (error) => answers.troubles.push(error),
  });
  return { ...heartbeat, answers };
}

const away = new Error('away');
const failing = async (): Promise<null> => {
  throw away;
};

describe('a heartbeat', () => {
  test('renews every third of the lease, and doubts nothing as long as it is answered', async () => {
    const { answers } = begin();
    await vi.advanceTimersByTimeAsync(10 * LEASE);
    expect(answers.asked.slice(0, 3)).toEqual([INTERVAL, 2 * INTERVAL, 3 * INTERVAL]);
    expect(answers.asked).toHaveLength(30);
    expect(answers.lost).toEqual([]);
  });

  test('tries again soon after trouble, tells of it each time, and is no worse off when it has passed', async () => {
    const { answers } = begin();
    const { next } = answers;
    answers.next = failing;
    await vi.advanceTimersByTimeAsync(INTERVAL + 2 * RETRY);
    expect(answers.asked).toEqual([INTERVAL, INTERVAL + RETRY, INTERVAL + 2 * RETRY]);
    expect(answers.troubles).toEqual([away, away, away]);
    answers.next = next;
    await vi.advanceTimersByTimeAsync(5 * LEASE);
    expect(answers.lost).toEqual([]);
  });

  test('gives the lease up a little before its end when nothing but trouble came, once, and says what it was', async () => {
    const { answers } = begin();
    answers.next = failing;
    await vi.advanceTimersByTimeAsync(DOUBT - 1);
    expect(answers.lost).toEqual([]);
    await vi.advanceTimersByTimeAsync(5 * LEASE);
    expect(answers.lost).toEqual([['its lease could not be renewed in time', away]]);
    expect(Math.max(...answers.asked)).toBeLessThan(DOUBT);
  });

  test('gives the lease up when no answer comes at all, and blames no trouble that had passed', async () => {
    const { answers } = begin();
    const { next } = answers;
    answers.next = failing;
    await vi.advanceTimersByTimeAsync(INTERVAL);
    answers.next = next;
    await vi.advanceTimersByTimeAsync(RETRY);
    answers.next = () => new Promise(() => {});
    await vi.advanceTimersByTimeAsync(2 * LEASE);
    expect(answers.lost).toEqual([['its lease could not be renewed in time', undefined]]);
  });

  test('gives up at once what the database has given to another, and asks no more', async () => {
    const { answers } = begin();
    answers.next = async () => null;
    await vi.advanceTimersByTimeAsync(INTERVAL);
    expect(answers.lost).toEqual([['another worker, or an operator, has taken it', undefined]]);
    await vi.advanceTimersByTimeAsync(5 * LEASE);
    expect(answers.asked).toEqual([INTERVAL]);
    expect(answers.lost).toHaveLength(1);
  });

  test('that was stopped asks no more, loses nothing, and leaves no timer behind', async () => {
    const { answers, stop } = begin();
    await vi.advanceTimersByTimeAsync(INTERVAL);
    stop();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(5 * LEASE);
    expect(answers.asked).toEqual([INTERVAL]);
    expect(answers.lost).toEqual([]);
  });

  test.each<[what: string, answer: () => Promise<null>]>([
    ['that it is lost', async () => null],
    ['of trouble', failing],
  ])('that was stopped hears an answer %s no more', async (_, answer) => {
    const { answers, stop } = begin();
    const late = Promise.withResolvers<void>();
    answers.next = () => late.promise.then(answer);
    await vi.advanceTimersByTimeAsync(INTERVAL);
    stop();
    late.resolve();
    await vi.advanceTimersByTimeAsync(5 * LEASE);
    expect([answers.lost, answers.troubles, vi.getTimerCount()]).toEqual([[], [], 0]);
  });

  test('that was stopped hears an answer of success no more', async () => {
    const { answers, stop } = begin();
    const late = Promise.withResolvers<Lease>();
    answers.next = () => late.promise;
    await vi.advanceTimersByTimeAsync(INTERVAL);
    stop();
    late.resolve({ heldUntil: performance.now() + LEASE });
    await vi.advanceTimersByTimeAsync(5 * LEASE);
    expect([answers.asked, answers.lost, vi.getTimerCount()]).toEqual([[INTERVAL], [], 0]);
  });

  test('holds no process alive', async () => {
    vi.useRealTimers();
    const kept = process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
    const { stop } = startHeartbeat({
      lease: LEASE,
      heldUntil: performance.now() + LEASE,
      renew: async () => null,
      lost: () => {},
      troubled: () => {},
    });
    expect(process.getActiveResourcesInfo().filter((what) => what === 'Timeout')).toHaveLength(kept);
    stop();
  });
});
