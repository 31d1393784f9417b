import type { CallPolicy } from 'nestjs-job-tracking';

/** What the processes of a run agree on. */
export const KIND = 'chaos';
export const POLL = 100;
export const GRACE = 500;
export const CONCURRENCY = 8;

/** Leases differ by worker: what a short one takes over, a long one may still be at. */
const LEASES = [500, 700, 1_000];

export function leaseOf(worker: number): number {
  return LEASES[worker % LEASES.length] as number;
}

/** 'w2.7' is of the third worker. */
export function workerNumber(name: string): number {
  return Number(/^w(\d+)\./.exec(name)?.[1] ?? 0);
}

export const LONGEST_LEASE = Math.max(...LEASES);

/** Told to classify by their words. */
export const WORDS = { release: 'to be released', final: 'final', soon: 'to be tried soon' } as const;

export function policyOf(lease: number): Omit<CallPolicy, 'onMissing' | 'onDuplicate'> {
  return {
    lease,
    timeout: 3 * lease,
    maxAttempts: 8,
    maxCrashes: 5,
    backoff: { first: 50, max: 400 },
    classify(error) {
      const { name, message } = error as Error;
      if (message.includes(WORDS.release) || name === 'EffectError') return 'release';
      if (message.includes(WORDS.final)) return 'ignore';
      return message.includes(WORDS.soon) ? { retryIn: 20 } : undefined;
    },
  };
}

export interface WorkerOptions {
  seed: number;
  name: string;
  /** By way of its proxy. */
  url: string;
  /** Of the effects: the server itself. */
  effectsUrl: string;
  journal: string;
  lease: number;
  /** Since the epoch, of the whole run: who picks ids by the time picks the same ones as the others. */
  startedAt: number;
}

/** calm: no new calls and jobs, handlers that are quick and leave the event loop alone. finish: drain, close, end. */
export type Command = 'calm' | 'finish';

/** Ids that everybody asks for, reruns and meddles with. */
export function hotId(startedAt: number, random: () => number): string {
  const newest = Math.floor((Date.now() - startedAt) / HOT_EVERY);
  return `hot-${Math.max(0, newest - Math.floor(random() ** 2 * HOT_AT_ONCE))}`;
}

const HOT_EVERY = 120;
const HOT_AT_ONCE = 30;
