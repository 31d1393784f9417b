import type { ResolvedPolicy } from '../job/policy.js';
import { type Duration, milliseconds } from '../options/duration.js';

/** Spreads the jobs that one fault made fail together, so that they do not come back together. */
const JITTER = 0.2;

/** Milliseconds until a failed job is due again; `failures` counts this one. A backoff of the user's that throws or answers nonsense is passed over. */
export function backoffDelay(policy: Pick<ResolvedPolicy, 'backoff'>, failures: number, error: unknown): number {
  const { backoff } = policy;
  if (typeof backoff === 'function') return asked(() => backoff(failures, error)) ?? doubling('1s', '10m', failures);
  if (typeof backoff === 'object') return doubling(backoff.first, backoff.max, failures);
  return jittered(milliseconds(backoff, 'backoff'));
}

function doubling(first: Duration, max: Duration, failures: number): number {
  const longest = milliseconds(max, 'backoff.max');
  const grown = Math.min(milliseconds(first, 'backoff.first') * 2 ** Math.min(failures - 1, 52), longest);
  const delay = jittered(grown);
  // At the longest delay too the jobs must not come back together.
  return delay <= longest ? delay : Math.round(longest - (delay - grown));
}

function jittered(delay: number): number {
  return Math.round(delay * (1 + JITTER * Math.random()));
}

function asked(backoff: () => Duration): number | undefined {
  try {
    return milliseconds(backoff(), 'backoff');
  } catch {
    return undefined;
  }
}
