import { printable } from './printable.js';

/** Characters that are looked at. */
const READ = 1_000;

/** A value as an error message shows it: short, on one line, and never able to throw. */
export function shown(value: unknown): string {
  const text = printable(rendered(value).slice(0, READ).replace(/\s+/g, ' '));
  return text.length > 80 ? `${printable(text.slice(0, 77))}...` : text;
}

/** The values that are allowed, as an error message lists them. */
export function oneOf(values: readonly string[]): string {
  return `one of ${values.map((value) => `'${value}'`).join(', ')}`;
}

function rendered(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 100 ? value.slice(0, 100) : value);
  if (typeof value === 'bigint') return BigInt.asIntN(256, value) === value ? `${value}n` : 'a bigint of over 256 bits';
  if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) return String(value);
  try {
    if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`;
    if (Array.isArray(value)) return value.length === 0 ? '[]' : `an array of ${value.length}`;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
    return `an object with keys ${Object.keys(value).slice(0, 5).join(', ') || '(none)'}`;
  } catch {
    return 'an object that cannot be read';
  }
}
