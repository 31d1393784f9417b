import type { FailureRecord, JobStatus } from '../job/job.js';

/** One thing that happened to a job, announced after it happened. */
export type JobEvent =
  | (OfAttempt & { type: 'claimed' })
  /** A claim that found the last holder dead. */
  | (OfAttempt & { type: 'taken_over'; crashes: number })
  | (OfJob & { type: 'refused'; code: string })
  /** A handler whose refusals nobody gets (a timer, an event, a broker's message) met a job that was given up. Once for a job, not at each call. */
  | (OfJob & { type: 'skipped_ignored'; reason: string })
  | (OfEnd & { type: 'succeeded' })
  | (OfEnd & { type: 'failed'; error: FailureRecord; retryIn: number })
  | (OfEnd & { type: 'ignored'; reason: string })
  | (OfEnd & { type: 'snoozed'; retryIn: number })
  | (OfEnd & { type: 'interrupted' })
  | (OfEnd & { type: 'released' })
  /** The takeover made it ignored: its workers died too often. */
  | (OfJob & { type: 'crashed'; reason: string })
  /** The run lost its lease; nothing of it was recorded. */
  | (OfEnd & { type: 'lost' })
  /** The job succeeded, its output was not kept. */
  | (OfAttempt & { type: 'output_dropped'; reason: string })
  /** A renewal could not be sent; it is tried again until the lease's end. */
  | (OfAttempt & { type: 'renewal_failed'; error: unknown })
  /** An outcome could not be written yet; it is tried again. */
  | (OfAttempt & { type: 'record_delayed'; error: unknown })
  /** The first job of this app that was registered while its caller had a transaction open: it stays when that is rolled back. Told once. */
  | (OfJob & { type: 'registered_outside' })
  /** An operator made it pending and due. */
  | (OfJob & { type: 'retried' })
  /** An operator gave it up. */
  | (OfJob & { type: 'ignored_by_operator'; reason: string })
  /** An operator took the lease from its run, and gave the attempt back. */
  | (OfJob & { type: 'released_by_operator' })
  /** An operator removed it with its history. `status`: as it was. */
  | (OfJob & { type: 'removed'; status: JobStatus })
  /** An operator's verb changed that many jobs. `kind`: '' where the query named none, which is no kind of any job. */
  | { type: 'many_changed'; kind: string; verb: 'retry' | 'ignore' | 'remove'; count: number }
  /** A consumer could not claim; it is tried again at the next poll. */
  | { type: 'poll_failed'; kind: string; error: unknown };

export type JobEventType = JobEvent['type'];

interface OfJob {
  kind: string;
  id: string;
}

interface OfAttempt extends OfJob {
  claim: number;
  attempt: number;
  worker: string;
}

interface OfEnd extends OfAttempt {
  /** Milliseconds from the grant to the recorded outcome, by this process's monotonic clock. */
  duration: number;
}

/**
 * A listener. It is called at once, in the process where it happened, and nobody waits for what it starts: what it throws, or rejects with,
 * changes no run. It may be told of an event whose statement was sent again twice, and of none that happened while its process died.
 */
export interface JobEvents {
  announce(event: JobEvent): void;
}

/** Hands an event to each listener. The fault of one is reported, and keeps neither the others nor the run from going on. */
export function tellAll(
  listeners: readonly JobEvents[],
  failed: (listener: JobEvents, error: unknown) => void = () => {},
): JobEvents {
  return {
    announce(event) {
      for (const listener of listeners) {
        try {
          const pending: unknown = listener.announce(event);
          if (pending instanceof Promise) pending.catch((error) => failed(listener, error));
        } catch (error) {
          failed(listener, error);
        }
      }
    },
  };
}
