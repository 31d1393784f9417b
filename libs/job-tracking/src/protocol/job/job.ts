/** What a job is. The words stand in the table as they are here, so that an analyst reads it without a key. */
export type JobStatus = 'pending' | 'in_progress' | 'failed' | 'succeeded' | 'ignored';
export const JobStatus = {
  pending: 'pending',
  in_progress: 'in_progress',
  failed: 'failed',
  succeeded: 'succeeded',
  ignored: 'ignored',
} as const satisfies { readonly [S in JobStatus]: S };

export const JOB_STATUSES: readonly JobStatus[] = Object.values(JobStatus);

/** How an attempt ended. `crashed` is found by the takeover: the worker never came back. */
export type AttemptOutcome = 'succeeded' | 'failed' | 'ignored' | 'snoozed' | 'interrupted' | 'released' | 'crashed';

/** A thrown thing, bounded: JSON of at most `limits.error` bytes. */
export interface FailureRecord {
  name: string;
  message: string;
  /** Alike for the same cause: class, message without its numbers, ids and quoted parts, top frames of the user's code. */
  fingerprint: string;
  /** Innermost frames first. */
  stack?: string;
  cause?: FailureRecord;
}

/** A job as it stood when it was read. Times are Date, read from the database's clock. */
export interface SnapshotOf<Data = unknown, Output = unknown, Checkpoint = unknown> {
  kind: string;
  id: string;
  status: JobStatus;
  /** As registered (or as `run.set` left it). Validated when registered and when run, not on reads. */
  data: Data;
  /** Of the last success. null: none yet, the handler returned nothing, or it could not be kept (see `reason`). */
  output: Output | null;
  /** What the last attempt left for the next one; a success clears it. */
  checkpoint: Checkpoint | null;
  /** The last failure since the last success. */
  error: FailureRecord | null;
  /** Why it is ignored, or why an output was not kept. */
  reason: string | null;
  progress: { fraction: number; note: string | null; at: Date } | null;
  /** Every grant ever; only grows. The number for outside systems that fence by order. */
  claims: number;
  /** Grants that were charged, the running one included: 1 in the first run. */
  attempts: number;
  /** Attempts that threw since the last success or retry(). */
  failures: number;
  /** Attempts whose worker died since the last success or retry(). */
  crashes: number;
  /** The job's own bound, set at registration; null: its policy's. */
  maxAttempts: number | null;
  /** 0 to 9, higher first. */
  priority: number;
  /** Who runs it, and until when others keep off. null: nobody. */
  lease: { claim: number; worker: string; expiresAt: Date } | null;
  runAt: Date;
  createdAt: Date;
  updatedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
}

/** One ended attempt: the record of one grant. */
export interface JobAttemptSnapshot {
  claim: number;
  attempt: number;
  worker: string;
  startedAt: Date;
  endedAt: Date;
  outcome: AttemptOutcome;
  error: FailureRecord | null;
}
