import type { Duration } from '../options/duration.js';
import type { SnapshotOf } from './job.js';

/** What a handler holds while it runs: data goes in, a checkpoint lasts between attempts, output comes out. */
export interface RunOf<Data = unknown, Output = unknown, Checkpoint = unknown> {
  /** As claimed. */
  readonly job: SnapshotOf<Data, Output, Checkpoint>;
  /** Its reason is a LeaseLostError, a JobTimeoutError or a JobInterruptedError. */
  readonly signal: AbortSignal;
  /**
   * 'kind:id', the same in every attempt and in no other job: hand it to Stripe and the like. ':' and '\\' inside kind and id are escaped by '\\', as
   * in `jobId(kind, id)`.
   */
  readonly idempotencyKey: string;
  /** For eyes: never throws, may be lost, rides on the next renewal. `fraction` is kept between 0 and 1, `note` at 500 characters. */
  progress(fraction: number, note?: string): void;
  /** Durable and fenced: the next attempt finds it in `run.job.checkpoint`. Throws InvalidJobError for state that cannot be kept, LeaseLostError. */
  checkpoint(state: Checkpoint): Promise<void>;
  /** Staged: written with the success, dropped by a failure; the last call wins. Throws InvalidJobError for data that cannot be kept. */
  set(changes: { data: Data }): void;
  /** Asks the database. Throws LeaseLostError. */
  assertHeld(): Promise<void>;
  /** `return run.snooze('5m')`: pending again, due after the delay, nothing counted. Sticky: no catch turns it into a success or a failure. */
  snooze(delay: Duration): never;
  /** `return run.ignore('the customer is gone')`: ignored at once. Sticky likewise. */
  ignore(reason: string): never;
}
