import { InvalidOptionsError } from '../options/errors.js';
import { shown } from '../options/shown.js';
import { refuseUnknownKeys } from '../options/unknown-keys.js';
import { checkKind } from './job-id.js';
import type { JobKind } from './kind.js';
import { checkPolicy, POLICY_KEYS } from './policy.js';

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
