import { LONGEST_TIMER } from '../options/duration.js';
import { JobTrackingError } from '../options/errors.js';
import { shown } from '../options/shown.js';
import type { SnapshotOf } from './job.js';
import type { JobKey } from './job-key.js';

/** The job's state does not let it start (or be changed) now. The row is as it was. */
export class JobRefusedError extends JobTrackingError {
  override readonly code: string = 'JOB_REFUSED';
  /** As it stood after the statement that was refused; null: there is no such job. */
  readonly job: SnapshotOf | null;
  /** true: asking again changes nothing. */
  readonly final: boolean = false;
  /** Milliseconds after which asking again makes sense; null where it is final. */
  readonly retryAfter: number | null;

  constructor(message: string, job: SnapshotOf | null, retryAfter: number | null = null) {
    super(message);
    this.job = job;
    this.retryAfter = retryAfter;
  }
}

export class JobNotFoundError extends JobRefusedError {
  override readonly code = 'JOB_NOT_FOUND';
  override readonly final = true;

  constructor(key: JobKey) {
    super(`${named(key)} does not exist`, null);
  }
}

/**
 * Another run holds it, or other callers got it each time that it was asked for. `retryAfter`: what is left of its lease by the database's clock.
 * `expiresAt`: the lease's end; where nobody holds the job any more, when it last changed.
 */
export class JobLockedError extends JobRefusedError {
  override readonly code = 'JOB_LOCKED';
  override readonly final = false;
  readonly expiresAt: Date;

  constructor(job: SnapshotOf, expiresIn: number, why = 'is in progress') {
    super(`${named(job)} ${why}`, job, Math.max(expiresIn, SHORT_WAIT));
    this.expiresAt = job.lease?.expiresAt ?? job.updatedAt;
  }
}

/** It could be had whenever it was read, and was not there any more when it was asked for: that is no state of its own, and never final. */
export function lostToOthers(job: SnapshotOf): JobLockedError {
  return new JobLockedError(job, 0, 'went to other callers each time that it was asked for');
}

export class JobAlreadySucceededError<O = unknown> extends JobRefusedError {
  override readonly code = 'JOB_ALREADY_SUCCEEDED';
  override readonly final = true;
  readonly output: O;

  constructor(job: SnapshotOf) {
    super(`${named(job)} has already succeeded`, job);
    this.output = job.output as O;
  }
}

export class JobIgnoredError extends JobRefusedError {
  override readonly code = 'JOB_IGNORED';
  override readonly final = true;
  readonly reason: string;

  constructor(job: SnapshotOf) {
    super(`${named(job)} is ignored`, job);
    this.reason = job.reason ?? 'no reason was given';
  }
}

/** The same id has not yet succeeded in the kinds that its policy's `after` names. */
export class JobNotReadyError extends JobRefusedError {
  override readonly code = 'JOB_NOT_READY';
  override readonly final = false;
  readonly waitsFor: readonly string[];

  constructor(key: JobKey, waitsFor: readonly string[], job: SnapshotOf | null) {
    super(`${named(key)} is not ready: it comes after ${waitsFor.join(', ')}`, job, NOT_READY_WAIT);
    this.waitsFor = waitsFor;
  }
}

/** It waits for its time: registered for later, snoozed, or failed and backing off. `retryAfter` is what a timer can wait at most, `runAt` may be later. */
export class JobNotDueError extends JobRefusedError {
  override readonly code = 'JOB_NOT_DUE';
  override readonly final = false;
  readonly runAt: Date;

  constructor(job: SnapshotOf, dueIn: number) {
    super(
      `${named(job)} is not due before ${job.runAt.toISOString()}`,
      job,
      Math.min(Math.max(dueIn, SHORT_WAIT), LONGEST_TIMER),
    );
    this.runAt = job.runAt;
  }
}

/** The same id was registered with other data. */
export class JobMismatchError extends JobRefusedError {
  override readonly code = 'JOB_MISMATCH';
  override readonly final = true;

  constructor(job: SnapshotOf) {
    super(`${named(job)} was registered with other data`, job);
  }
}

/** Never zero: a holder that is about to go needs a moment, and a caller told «now» would spin. */
const SHORT_WAIT = 100;
const NOT_READY_WAIT = 1_000;

/** A job as messages name it. */
export function named({ kind, id }: JobKey): string {
  return `Job ${shown(`${kind}/${id}`)}`;
}
