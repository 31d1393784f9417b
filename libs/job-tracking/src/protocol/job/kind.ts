import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { SnapshotOf } from './job.js';
import type { RunOf } from './job-run.js';
import type { OnDuplicate, PolicyOf } from './policy.js';

type Schema<Output> = StandardSchemaV1<unknown, Output>;

/** How jobs of a kind live. A policy is the call's, then the given kind's, then `forRoot`'s defaults, then the built-in one, key by key. */
export interface TrackingPolicy extends PolicyOf<KindRef> {}

/** The policy of a call of `track` or `settle`, which always tell what became of the job. */
export type CallPolicy = Omit<TrackingPolicy, 'onDuplicate'> & { onDuplicate?: Exclude<OnDuplicate, 'skip'> };

/** A kind of job as one value, imported by whoever registers, handles, queries or reruns it. */
export interface JobKind<D = unknown, O = unknown, C = unknown> extends TrackingPolicy {
  readonly kind: string;
  readonly data?: Schema<D>;
  readonly output?: Schema<O>;
  readonly checkpoint?: Schema<C>;
}

// biome-ignore lint/suspicious/noExplicitAny: a kind of any data, output and checkpoint
export type KindRef = string | JobKind<any, any, any>;
export type DataOf<K> = K extends JobKind<infer D, infer _O, infer _C> ? D : unknown;
export type OutputOf<K> = K extends JobKind<infer _D, infer O, infer _C> ? O : unknown;
export type CheckpointOf<K> = K extends JobKind<infer _D, infer _O, infer C> ? C : unknown;

/** A job of this kind as it stood when it was read. */
export interface JobSnapshot<K extends KindRef = string> extends SnapshotOf<DataOf<K>, OutputOf<K>, CheckpointOf<K>> {}

/** What a handler of this kind holds while it runs. */
export interface JobRun<K extends KindRef = string> extends RunOf<DataOf<K>, OutputOf<K>, CheckpointOf<K>> {}

/** Which job: its id alone (of kind 'default'), or kind and id. */
export type JobRef<K extends KindRef = KindRef> = string | { kind?: K; id: string };

/** A job to register. Of a union of kinds, one kind at a time. `priority` is 0 to 9, higher first. */
export type JobSpec<K extends KindRef = KindRef> = K extends KindRef
  ? { kind?: K; id: string; runAt?: Date; priority?: number; maxAttempts?: number } & (unknown extends DataOf<K>
      ? { data?: unknown }
      : { data: DataOf<K> })
  : never;

/** The kind's own value where one was given: its schemas and policy. A name alone has none. */
export function kindValue(kind: KindRef | undefined): JobKind | undefined {
  return typeof kind === 'object' ? (kind as JobKind) : undefined;
}
