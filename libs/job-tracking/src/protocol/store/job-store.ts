import type { AttemptOutcome } from '../job/job.js';
import type { JobKey } from '../job/job-key.js';
import type { JobSnapshot } from '../job/kind.js';
import type { JobFilter } from '../query/job-query.js';

/**
 * The write side of what keeps jobs. Every verb is one decision of the store's own clock, and safe to send again: a lost answer is
 * resolved inside (the same statement again with the same token, then a read), so a verb answers what truly became of the row or throws
 * StoreUnavailableError. Payloads arrive as checked JSON texts; snapshots hold parsed JSON.
 */
export interface JobStore {
  /** Waits until the store can be reached and its schema is right; rejects when it is not. */
  open(): Promise<void>;
  close(): Promise<void>;

  claim(request: ClaimRequest): Promise<ClaimAnswer>;
  /** Claims up to `limit` due jobs of a kind: waiting ones by priority and time, failed ones past their backoff, orphans past their lease. */
  claimDue(request: ClaimDueRequest): Promise<ClaimedSet>;
  /** Moves the lease's end; never shortens it. null: lost, for good. */
  renew(grant: Grant, renewal: Renewal): Promise<Lease | null>;
  /** Keeps state for the next attempt. false: the lease is lost, nothing was written. */
  checkpoint(grant: Grant, state: string): Promise<boolean>;
  isHeld(grant: Grant): Promise<boolean>;
  /** Records the run as succeeded. false: the lease is lost, nothing was written. Throws InvalidJobError for a payload that it will never keep. */
  succeed(grant: Grant, success: Success): Promise<boolean>;
  /** Records any other end and tells what the job became. null: the lease is lost, nothing was written. */
  end(grant: Grant, ending: Ending): Promise<Standing | null>;

  /** Registers a job unless its key is known. */
  register(job: NewJob): Promise<{ standing: Standing; registered: boolean }>;
  /** Registers a bounded set in one statement; how many were new. */
  registerSet(jobs: readonly NewJob[]): Promise<number>;

  retry(key: JobKey, options: { rerun: boolean }): Promise<Change>;
  ignore(key: JobKey, reason: string): Promise<Change>;
  release(key: JobKey): Promise<Change>;
  /** The standing is the last one before it went. */
  remove(key: JobKey): Promise<Change>;
  retryMany(filter: JobFilter, options: { rerun: boolean }): Promise<number>;
  ignoreMany(filter: JobFilter, reason: string): Promise<number>;
  removeMany(filter: JobFilter): Promise<number>;

  /**
   * Whether the caller is inside an open transaction of what this store keeps its jobs in, as far as the store can see. Left out: it never is. What a
   * run writes in `around` must be no part of that transaction.
   */
  inTransaction?(): boolean;
  /** Runs the handler's work inside whatever this store gives it (an EntityManager of its own, say). */
  around<T>(grant: Grant, work: () => Promise<T>): Promise<T>;
}

/** A job to write, payloads checked. `data` is JSON text, null: none. `runAt` null: now. */
export interface NewJob extends JobKey {
  data: string | null;
  dataHash: string | null;
  runAt: Date | null;
  priority: number;
  maxAttempts: number | null;
}

export interface ClaimTerms {
  worker: string;
  /** Milliseconds. */
  lease: number;
  /** The policy's bounds; the job's own maxAttempts goes first. */
  maxAttempts: number;
  maxCrashes: number;
  /** Kinds in which the same id must have succeeded. */
  after: readonly string[];
}

export interface ClaimRequest extends JobKey, ClaimTerms {
  /** Fresh, made before the statement, and the same each time that this request is sent. */
  token: string;
  /** A succeeded job is granted too. */
  rerun: boolean;
  /** A failed job is granted before its backoff has passed. */
  early: boolean;
  /** What a missing job is registered with, in the same statement; null: it is refused as missing. */
  register: NewJob | null;
  /** The hash that the registered data must have (null: that there is none); undefined: not compared. */
  dataHash: string | null | undefined;
}

export interface ClaimDueRequest extends ClaimTerms {
  kind: string;
  limit: number;
}

/** Until when the job is ours, on this process's monotonic clock (`performance.now()`), counted from before the statement was sent. */
export interface Lease {
  heldUntil: number;
}

/** A run's right to its job. */
export interface Grant extends JobKey, Lease {
  token: string;
  worker: string;
  job: JobSnapshot;
  /** The last holder died: its attempt was recorded as crashed. */
  tookOver: boolean;
}

export type ClaimAnswer =
  | { grant: Grant }
  /** `died`: this very claim found the last holder dead once too often and made the job ignored. */
  | { grant: null; standing: Standing; died: boolean };

export interface ClaimedSet {
  grants: Grant[];
  /** Jobs that this claim made ignored, as their workers died too often. */
  died: Standing[];
}

/** A job as a statement that waited for its row found it. Times in milliseconds by the store's clock, never below 0. */
export interface Standing {
  /** null: there is no such job. */
  job: JobSnapshot | null;
  /** Until the lease ends; 0: no lease, or past its end. */
  expiresIn: number;
  /** Until it is due. */
  dueIn: number;
  /** The kinds of the request's `after` in which the id has not succeeded. */
  waitsFor: readonly string[];
  /** The request's data is not the registered data. */
  mismatch: boolean;
}

export interface Renewal {
  lease: number;
  /** null: leave it as it is. */
  progress: { fraction: number; note: string | null } | null;
}

export interface Success {
  /** JSON text; null: none. */
  output: string | null;
  /** Staged data, JSON text; undefined: leave it. */
  data: string | undefined;
  /** Why an output was not kept. */
  reason: string | null;
}

export interface Ending {
  outcome: Exclude<AttemptOutcome, 'succeeded' | 'crashed'>;
  /** The failure record as JSON text; null where nothing failed. */
  error: string | null;
  /** Why the handler ignored the job. */
  reason: string | null;
  /** Milliseconds until it is due again. */
  delay: number;
  /** The policy's bound; the job's own goes first. */
  maxAttempts: number;
}

/** What an operator's verb found or made. */
export interface Change {
  standing: Standing;
  changed: boolean;
}
