// The public contract as types, to be compared with what the package exports (contract.test-d.ts). Nothing here is renamed or dropped without a
// decision record that shows why it had to be; more may be added. What a later version brings is added here when it is there.
import type { MigrationObject } from '@mikro-orm/core';
import type { DynamicModule, ModuleMetadata } from '@nestjs/common';
import type { StandardSchemaV1 as Schema } from '@standard-schema/spec';
import type * as ours from 'nestjs-job-tracking';
// Of a type parameter the compiler compares these by where they are declared: the test looks at what they make of real kinds.
import type { CheckpointOf, DataOf, JobSpec, OutputOf } from 'nestjs-job-tracking';

export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;
export type JobStatus = 'pending' | 'in_progress' | 'failed' | 'succeeded' | 'ignored';

export interface TrackingPolicy {
  lease?: Duration;
  timeout?: Duration;
  maxAttempts?: number;
  maxCrashes?: number;
  backoff?: Duration | { first: Duration; max: Duration } | ((failures: number, error: unknown) => Duration);
  after?: KindRef | readonly KindRef[];
  classify?(error: unknown, run: JobRun): 'retry' | 'ignore' | 'release' | { retryIn: Duration } | undefined;
  onMissing?: 'register' | 'refuse';
  onDuplicate?: 'refuse' | 'replay' | 'join' | 'skip' | 'rerun';
  insideTransaction?: 'refuse' | 'apart';
}
export type CallPolicy = Omit<TrackingPolicy, 'onDuplicate'> & {
  onDuplicate?: Exclude<TrackingPolicy['onDuplicate'], 'skip'>;
};
export interface JobKind<D = unknown, O = unknown, C = unknown> extends TrackingPolicy {
  readonly kind: string;
  readonly data?: Schema<unknown, D>;
  readonly output?: Schema<unknown, O>;
  readonly checkpoint?: Schema<unknown, C>;
}
export type DefineJob = <D = unknown, O = unknown, C = unknown>(
  kind: string,
  options?: Omit<JobKind<D, O, C>, 'kind'>,
) => JobKind<D, O, C>;
// biome-ignore lint/suspicious/noExplicitAny: a kind of any data, output and checkpoint
export type KindRef = string | JobKind<any, any, any>;
export type JobRef<K extends KindRef = KindRef> = string | { kind?: K; id: string };

export interface FailureRecord {
  name: string;
  message: string;
  fingerprint: string;
  stack?: string;
  cause?: FailureRecord;
}
export interface JobSnapshot<K extends KindRef = string> {
  kind: string;
  id: string;
  status: JobStatus;
  data: DataOf<K>;
  output: OutputOf<K> | null;
  checkpoint: CheckpointOf<K> | null;
  error: FailureRecord | null;
  reason: string | null;
  progress: { fraction: number; note: string | null; at: Date } | null;
  claims: number;
  attempts: number;
  failures: number;
  crashes: number;
  maxAttempts: number | null;
  priority: number;
  lease: { claim: number; worker: string; expiresAt: Date } | null;
  runAt: Date;
  createdAt: Date;
  updatedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
}
export type AttemptOutcome = 'succeeded' | 'failed' | 'ignored' | 'snoozed' | 'interrupted' | 'released' | 'crashed';
export interface JobAttemptSnapshot {
  claim: number;
  attempt: number;
  worker: string;
  startedAt: Date;
  endedAt: Date;
  outcome: AttemptOutcome;
  error: FailureRecord | null;
}

export interface JobRun<K extends KindRef = string> {
  readonly job: JobSnapshot<K>;
  readonly signal: AbortSignal;
  readonly idempotencyKey: string;
  progress(fraction: number, note?: string): void;
  checkpoint(state: CheckpointOf<K>): Promise<void>;
  set(changes: { data: DataOf<K> }): void;
  assertHeld(): Promise<void>;
  snooze(delay: Duration): never;
  ignore(reason: string): never;
}

export interface JobTrackerService {
  register<K extends KindRef = string>(job: JobSpec<K>): Promise<{ job: JobSnapshot<K>; registered: boolean }>;
  registerMany<K extends KindRef = string>(
    jobs: Iterable<JobSpec<K>> | AsyncIterable<JobSpec<K>>,
  ): Promise<{ registered: number; existing: number }>;
  track<K extends KindRef = string, T extends OutputOf<K> = OutputOf<K>>(
    job: JobRef<K> | JobSpec<K>,
    work: (run: JobRun<K>) => T | Promise<T>,
    policy?: CallPolicy,
  ): Promise<T>;
  settle<K extends KindRef = string, T extends OutputOf<K> = OutputOf<K>>(
    job: JobRef<K> | JobSpec<K>,
    work: (run: JobRun<K>) => T | Promise<T>,
    policy?: CallPolicy,
  ): Promise<RunOutcome<T>>;
  consume<K extends KindRef>(
    kind: K,
    work: (run: JobRun<K>) => OutputOf<K> | Promise<OutputOf<K>>,
    options?: ConsumeOptions,
  ): JobConsumer;
  current<K extends KindRef = string>(kind?: K): JobRun<K> | undefined;
  get<K extends KindRef = string>(ref: JobRef<K>): Promise<JobSnapshot<K> | null>;
  attempts(ref: JobRef): Promise<JobAttemptSnapshot[]>;
  list<K extends KindRef = string>(
    query?: JobQuery<K> & { order?: 'oldest' | 'newest'; cursor?: string },
  ): Promise<Page<JobSnapshot<K>>>;
  count(query?: JobQuery): Promise<number>;
  summary(kind?: KindRef): Promise<Record<string, Record<JobStatus, number>>>;
  retry(ref: JobRef, options?: { rerun?: boolean }): Promise<JobSnapshot>;
  ignore(ref: JobRef, reason: string): Promise<JobSnapshot>;
  release(ref: JobRef): Promise<JobSnapshot>;
  remove(ref: JobRef): Promise<JobSnapshot>;
  retryMany(query: JobQuery, options?: { rerun?: boolean }): Promise<number>;
  ignoreMany(query: JobQuery, reason: string): Promise<number>;
  removeMany(query: JobQuery): Promise<number>;
  verify(query?: JobQuery): Promise<Verification>;
}
export interface JobQuery<K extends KindRef = KindRef> {
  kind?: K;
  status?: JobStatus | readonly JobStatus[];
  ids?: readonly string[];
  id?: never;
  updatedBefore?: Date;
  updatedAfter?: Date;
  errorFingerprint?: string;
  limit?: number;
}
export interface Page<T> {
  items: T[];
  next: string | null;
}
export interface ConsumeOptions extends Omit<TrackingPolicy, 'onMissing' | 'onDuplicate'> {
  concurrency?: number;
  pollInterval?: Duration;
}
export interface JobConsumer extends AsyncDisposable {
  drain(): Promise<void>;
  stop(): Promise<void>;
  readonly counts: Readonly<Record<AttemptOutcome, number>>;
}
export type RunOutcome<T> = { redeliver: number | false } & (
  | { status: 'succeeded'; output: T; replayed: boolean }
  | { status: 'failed' | 'ignored' | 'pending'; error: unknown }
  | { status: 'refused'; error: ours.JobRefusedError }
  | { status: 'lost'; error: ours.LeaseLostError }
);

export interface JobTrackingOptions {
  defaults?: Omit<TrackingPolicy, 'after'>;
  migrations?: 'check' | 'run';
  schema?: string;
  contextName?: string;
  worker?: string;
  grace?: Duration;
  startTimeout?: Duration;
  redact?: (value: unknown, where: 'data' | 'checkpoint' | 'output' | 'error') => unknown;
  events?: readonly JobEvents[];
  limits?: { data?: number; checkpoint?: number; output?: number; error?: number };
}
export interface JobEvents {
  announce(event: JobEvent): void;
}
/** Told by their `type`, with fields of their own. */
export type JobEvent = ours.JobEvent;
export interface Violation {
  kind: string;
  id: string;
  invariant: string;
  detail: string;
}
export interface Verification {
  checked: number;
  violations: Violation[];
}
export interface JobTrackingModule {
  forRoot(options?: JobTrackingOptions): DynamicModule;
  forRootAsync(
    options: Pick<ModuleMetadata, 'imports'> & {
      contextName?: string;
      // biome-ignore lint/suspicious/noExplicitAny: as Nest types its own factories
      inject?: any[];
      // biome-ignore lint/suspicious/noExplicitAny: as Nest types its own factories
      useFactory: (...deps: any[]) => JobTrackingOptions | Promise<JobTrackingOptions>;
    },
  ): DynamicModule;
}
export type JobIdSource =
  | string
  // biome-ignore lint/suspicious/noExplicitAny: the arguments are the handler's own
  | ((...args: any[]) => string | { id: string; data?: unknown; runAt?: Date; priority?: number });
export type JobId = (...parts: readonly (string | number)[]) => string;
export type Tracked = (id: JobIdSource, kind?: string | (TrackingPolicy & { kind?: string })) => MethodDecorator;
export type Consume = <K extends KindRef>(
  kind: K,
  options?: ConsumeOptions,
) => <M extends (run: JobRun<K>) => OutputOf<K> | Promise<OutputOf<K>>>(
  target: object,
  key: string | symbol,
  method: TypedPropertyDescriptor<M>,
) => void;
export type CurrentJob = () => ParameterDecorator;
export type JobTrackingMigrations = MigrationObject[];
export type JobTrackingTables = string[];

export declare class JobTrackingError extends Error {
  readonly code: string;
}
export declare class JobRefusedError extends JobTrackingError {
  readonly job: JobSnapshot | null;
  readonly final: boolean;
  readonly retryAfter: number | null;
}
export declare class JobNotFoundError extends JobRefusedError {}
export declare class JobLockedError extends JobRefusedError {
  readonly expiresAt: Date;
}
export declare class JobAlreadySucceededError<O = unknown> extends JobRefusedError {
  readonly output: O;
}
export declare class JobIgnoredError extends JobRefusedError {
  readonly reason: string;
}
export declare class JobNotReadyError extends JobRefusedError {
  readonly waitsFor: readonly string[];
}
export declare class JobNotDueError extends JobRefusedError {
  readonly runAt: Date;
}
export declare class JobMismatchError extends JobRefusedError {}
export declare class LeaseLostError extends JobTrackingError {}
export declare class OpenTransactionError extends JobTrackingError {}
export declare class JobTimeoutError extends JobTrackingError {}
export declare class JobInterruptedError extends JobTrackingError {}
export declare class StoreUnavailableError extends JobTrackingError {}
export declare class InvalidJobError extends JobTrackingError {
  readonly field: string;
}
export declare class InvalidOptionsError extends JobTrackingError {}
