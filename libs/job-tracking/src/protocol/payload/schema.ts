import type { StandardSchemaV1 } from '@standard-schema/spec';
import { InvalidJobError } from '../options/errors.js';

/** What a kind's schema makes of a stored value; without a schema the value itself. Throws InvalidJobError with the path of the first issue. */
export async function readBy(schema: StandardSchemaV1 | undefined, value: unknown, field: string): Promise<unknown> {
  if (schema === undefined) return value;
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  const [issue] = result.issues;
  const path = [field, ...(issue?.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part))].join(
    '.',
  );
  const more = result.issues.length > 1 ? ` (and ${result.issues.length - 1} more)` : '';
  throw new InvalidJobError(path, `expected ${path} to match its schema: ${issue?.message ?? 'refused'}${more}`);
}

/** Nothing stored reads as undefined where the schema takes that, else as null. */
export async function readStored(
  schema: StandardSchemaV1 | undefined,
  value: unknown,
  field: string,
): Promise<unknown> {
  if (schema === undefined || value !== null) return readBy(schema, value, field);
  return readBy(schema, undefined, field).catch(() => readBy(schema, null, field));
}
