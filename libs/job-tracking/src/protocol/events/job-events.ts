import type { FailureRecord } from '../job/job.js';

/** One thing that became of a job, told after it was so. Listeners look; what they do or throw changes nothing. */
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

/** The port outward. */
export interface JobEvents {
  announce(event: JobEvent): void;
}

/** Hands an event to each listener; one that throws keeps the others and the run as they are. */
export function tellAll(listeners: readonly JobEvents[]): JobEvents {
  return {
    announce(event) {
      for (const listener of listeners) {
        try {
          listener.announce(event);
        } catch {
          // A listener's fault is the listener's: the run goes on.
        }
      }
    },
  };
}
