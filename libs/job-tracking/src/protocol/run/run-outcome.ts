import type { JobRefusedError } from '../job/refusals.js';
import type { LeaseLostError } from '../options/errors.js';

/**
 * Named by what became of the job. `redeliver`: false (final or ignored: acknowledge), or the milliseconds after which to ask again
 * (locked, lost: the lease's end; failed: its backoff), 2^31-1 at most, so that a timer can wait for it: who asks too early is told to wait on.
 */
export type RunOutcome<T> = { redeliver: number | false } & (
  | { status: 'succeeded'; output: T; replayed: boolean }
  /** pending: snoozed, interrupted, released. */
  | { status: 'failed' | 'ignored' | 'pending'; error: unknown }
  | { status: 'refused'; error: JobRefusedError }
  | { status: 'lost'; error: LeaseLostError }
);

export function succeeded<T>(output: T, replayed: boolean): RunOutcome<T> {
  return { status: 'succeeded', output, replayed, redeliver: false };
}

export function refused<T>(error: JobRefusedError): RunOutcome<T> {
  return { status: 'refused', error, redeliver: error.final ? false : (error.retryAfter ?? 0) };
}

/** What a caller of `track` gets: the output, or the error thrown. */
export function outputOf<T>(outcome: RunOutcome<T>): T {
  if (outcome.status === 'succeeded') return outcome.output;
  throw outcome.error;
}
