import { printable } from './printable.js';

/** Characters: no sentence of ours is longer, but what it quotes may be. */
const LONGEST_MESSAGE = 2_000;

/**
 * The root of every error that this library throws. `code` is stable: the class's name in upper snake case without Error.
 * A message names the job, never its data, its worker or what was stored of an error. It goes into logs, and what it quotes may be a client's:
 * control and invisible characters in it are escaped.
 */
export class JobTrackingError extends Error {
  readonly code: string = 'JOB_TRACKING';

  constructor(message: string, options?: ErrorOptions) {
    super(printable(bounded(message)), options);
    this.name = new.target.name;
  }
}

function bounded(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}...` : message;
}

/**
 * The run no longer holds its job: another worker took it over, or an operator released or removed it. Its outcome was not written; only where the
 * `cause` is the database's trouble it may have been, or may still be: the job tells.
 */
export class LeaseLostError extends JobTrackingError {
  override readonly code = 'LEASE_LOST';
}

/** The run took longer than its policy's `timeout`. */
export class JobTimeoutError extends JobTrackingError {
  override readonly code = 'JOB_TIMEOUT';
}

/** The process is stopping: the run was interrupted, or did not start. Counts as no failure. */
export class JobInterruptedError extends JobTrackingError {
  override readonly code = 'JOB_INTERRUPTED';
}

/** The database cannot be reached; no handler ran. */
export class StoreUnavailableError extends JobTrackingError {
  override readonly code = 'STORE_UNAVAILABLE';
}

/** Called inside an open transaction of the store's own context, where the policy's `insideTransaction` is 'refuse'. Nothing was claimed. */
export class OpenTransactionError extends JobTrackingError {
  override readonly code = 'OPEN_TRANSACTION';
}

/** An id is missing or malformed, or data is against its schema, its limit or JSON. `field` says which, as a path. */
export class InvalidJobError extends JobTrackingError {
  override readonly code = 'INVALID_JOB';

  constructor(
    readonly field: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** An option is unknown or malformed: at start, at decoration, or in a call's own policy or query. */
export class InvalidOptionsError extends JobTrackingError {
  override readonly code = 'INVALID_OPTIONS';
}
