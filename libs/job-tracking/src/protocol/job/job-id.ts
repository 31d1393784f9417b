import { InvalidJobError } from '../options/errors.js';
import { shown } from '../options/shown.js';

const ID_BYTES = 512;
const KIND_BYTES = 128;

/** Any text of 1 to 512 bytes that PostgreSQL keeps as it is; a safe integer becomes text. Never trimmed or normalised. */
export function checkId(id: unknown, field = 'id'): string {
  return checkText(Number.isSafeInteger(id) ? String(id) : id, field, ID_BYTES);
}

export function checkKind(kind: unknown, field = 'kind'): string {
  return checkText(kind, field, KIND_BYTES);
}

/**
 * An id put together of parts, as of its owner and a key that a client chose: 'a:b' of ('a', 'b'), never equal for other parts, as ':' and '\\' in them
 * are escaped by '\\'. A safe integer is its text. Throws InvalidJobError for a part that is undefined, null or '', or is no id for another reason, with
 * the field `id[1]` for the second one; and where the whole is longer than an id.
 */
export function jobId(...parts: readonly (string | number)[]): string {
  return checkId(composed(parts.map((part, index) => checkId(part, `id[${index}]`))));
}

/** One text of several, never equal for other ones: what separates them is escaped inside them. */
export function composed(parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll(/[:\\]/g, '\\$&')).join(':');
}

function checkText(value: unknown, field: string, limit: number): string {
  const refuse = (expected: string, got = shown(value)): never => {
    throw new InvalidJobError(field, `expected ${field} to be ${expected}, got: ${got}`);
  };
  if (typeof value !== 'string') return refuse(`a text of 1 to ${limit} bytes`);
  if (value.length === 0) return refuse(`a text of 1 to ${limit} bytes`, 'an empty text');
  if (value.includes('\0')) return refuse('a text without NUL characters');
  // PostgreSQL would store U+FFFD for a lone surrogate, and two different ids would be one job.
  if (!value.isWellFormed()) return refuse('well-formed text (it has a lone surrogate)');
  const bytes = Buffer.byteLength(value);
  if (bytes > limit) return refuse(`a text of 1 to ${limit} bytes`, `${bytes} bytes`);
  return value;
}
