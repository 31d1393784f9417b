import type { StandardSchemaV1 } from '@standard-schema/spec';
import { InvalidOptionsError } from './errors.js';
import { checkKind } from './job-id.js';
import { checkPolicy, POLICY_KEYS, type TrackingPolicy } from './policy.js';
import { shown } from './shown.js';
import { refuseUnknownKeys } from './unknown-keys.js';

type Schema<Output> = StandardSchemaV1<unknown, Output>;

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

/** Which job: its id alone (of kind 'default'), or kind and id. */
export type JobRef<K extends KindRef = KindRef> = string | { kind?: K; id: string };

/** A job to register. Of a union of kinds, one kind at a time. `priority` is 0 to 9, higher first. */
export type JobSpec<K extends KindRef = KindRef> = K extends KindRef
  ? { kind?: K; id: string; runAt?: Date; priority?: number; maxAttempts?: number } & (unknown extends DataOf<K>
      ? { data?: unknown }
      : { data: DataOf<K> })
  : never;

export const SCHEMA_KEYS = ['data', 'output', 'checkpoint'] as const;

/**
 * Declares a kind: its schemas (any Standard Schema) and its policy. `defineJob('ship', { data: z.object(…), maxAttempts: 5 })` or, types only,
 * `defineJob<Data, Output>('ship')`. A schema reads stored JSON and yields D, O or C; what is given is D, O or C, and its JSON must parse back.
 * Throws InvalidOptionsError for an unknown key, a malformed policy or a value that is no schema, InvalidJobError for a malformed name.
 */
export function defineJob<D = unknown, O = unknown, C = unknown>(
  kind: string,
  options: Omit<JobKind<D, O, C>, 'kind'> = {},
): JobKind<D, O, C> {
  checkKind(kind);
  const where = `defineJob(${shown(kind)})`;
  refuseUnknownKeys(options, [...SCHEMA_KEYS, ...POLICY_KEYS], where);
  checkPolicy(options, where);
  checkSchemas(options, where);
  return Object.freeze({ ...options, kind });
}

/** Throws InvalidOptionsError for a value that is no schema, as somebody's data in its place is. */
export function checkSchemas(schemas: Pick<JobKind, (typeof SCHEMA_KEYS)[number]>, where: string): void {
  for (const key of SCHEMA_KEYS) {
    const schema = schemas[key];
    if (schema !== undefined && typeof schema?.['~standard']?.validate !== 'function')
      throw new InvalidOptionsError(
        `${where}: expected ${key} to be a Standard Schema (zod, valibot, arktype …), got: ${shown(schema)}`,
      );
  }
}
