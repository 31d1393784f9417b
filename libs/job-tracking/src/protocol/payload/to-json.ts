import { createHash } from 'node:crypto';
import { types } from 'node:util';
import { InvalidJobError } from '../options/errors.js';
import { shown } from '../options/shown.js';

/** Far under what overflows a stack here or in PostgreSQL, far over any document that means something. */
const DEEPEST = 500;
const LONGEST_PATH = 200;

/** Objects whose content is not in their own keys, so that JSON would lose it without a word. */
const HIDDEN_CONTENT = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'Promise', 'RegExp', 'Error', 'ArrayBuffer']);

/** Most texts: nothing to escape, a byte a character. */
const PLAIN_TEXT = /^[ !#-[\]-~]*$/;

interface Walk {
  readonly field: string;
  readonly limit: number;
  readonly path: (string | number)[];
  readonly ancestors: Set<object>;
  bytes: number;
  refusal: InvalidJobError | null;
}

/**
 * The JSON text that is stored as jsonb: what JSON.stringify writes, where JSON can hold the value as it is. `limit` is bytes of UTF-8.
 * Throws InvalidJobError, its `field` a path as in `data.items[3].price`, for what JSON would drop or change (NaN, bigint, function, symbol, undefined
 * in an array or as the whole, Map, Set, Error, bytes, an invalid Date), what jsonb refuses (NUL, lone surrogates), the key `__proto__`, a cycle, more
 * than 500 levels, a getter or toJSON that throws (kept as `cause`), and for a text over its limit, as soon as the walk gets there.
 */
export function toJson(value: unknown, field: string, limit: number): string {
  const walk: Walk = { field, limit, path: [], ancestors: new Set(), bytes: 0, refusal: null };
  try {
    return written(value, walk) ?? refuse(walk, 'a JSON value', 'undefined');
  } catch (error) {
    if (walk.refusal !== null && error === walk.refusal) throw error;
    return refuse(walk, 'a JSON value', 'one that throws when it is read', { cause: error });
  }
}

/** The same for the same JSON in any key order and spacing, so also for what jsonb gives back. SHA-256, base64url. */
export function hashOf(json: string): string {
  return createHash('sha256')
    .update(canonical(JSON.parse(json)))
    .digest('base64url');
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join()}}`;
}

/** undefined: there is nothing to write, which only a property may be. */
function written(raw: unknown, walk: Walk): string | undefined {
  const value = replaced(raw, walk);
  if (value === undefined) return undefined;
  if (typeof value === 'string') return quoted(value, walk);
  if (typeof value === 'boolean' || value === null) return counted(String(value), walk);
  if (typeof value === 'number')
    return Number.isFinite(value)
      ? counted(JSON.stringify(value), walk)
      : refuse(walk, 'a finite number', shown(value));
  return typeof value === 'object' ? nested(value, walk) : refuse(walk, 'a JSON value', shown(value));
}

/** What JSON.stringify would look at instead: the answer of toJSON, the content of a boxed primitive. */
function replaced(value: unknown, walk: Walk): unknown {
  const mayHaveToJson = typeof value === 'object' || typeof value === 'function' || typeof value === 'bigint';
  if (!mayHaveToJson || value === null) return value;
  if (types.isDate(value) && Number.isNaN(value.getTime())) return refuse(walk, 'a valid Date', 'an invalid Date');
  const { toJSON } = value as { toJSON?: unknown };
  const found = typeof toJSON === 'function' ? toJSON.call(value, String(walk.path.at(-1) ?? '')) : value;
  return types.isBoxedPrimitive(found) ? found.valueOf() : found;
}

function nested(value: object, walk: Walk): string {
  if (walk.ancestors.has(value)) {
    const seen = pathOf(walk, [...walk.ancestors].indexOf(value));
    return refuse(walk, 'a JSON value without cycles', `${seen} again`);
  }
  if (walk.ancestors.size >= DEEPEST) return refuse(walk, `at most ${DEEPEST} levels deep`, 'one more level');
  walk.ancestors.add(value);
  const text = Array.isArray(value) ? listed(value, walk) : keyed(value as Record<string, unknown>, walk);
  walk.ancestors.delete(value);
  return text;
}

function listed(items: readonly unknown[], walk: Walk): string {
  let text = counted('[', walk);
  for (let i = 0; i < items.length; i++) {
    if (i > 0) text += counted(',', walk);
    walk.path.push(i);
    text += written(items[i], walk) ?? refuse(walk, 'a JSON value (null where there is none)', 'undefined');
    walk.path.pop();
  }
  return text + counted(']', walk);
}

function keyed(value: Record<string, unknown>, walk: Walk): string {
  const keys = Object.keys(value);
  refuseHidden(value, keys, walk);
  let text = counted('{', walk);
  for (const key of keys) {
    walk.path.push(key);
    if (key === '__proto__') return refuse(walk, 'under another key', 'the key __proto__');
    const each = written(value[key], walk);
    if (each !== undefined)
      text += `${text.length > 1 ? counted(',', walk) : ''}${quoted(key, walk)}${counted(':', walk)}${each}`;
    walk.path.pop();
  }
  return text + counted('}', walk);
}

function refuseHidden(value: object, keys: readonly string[], walk: Walk): void {
  // Missing from the compiler's library for this target.
  const { isRawJSON } = JSON as { isRawJSON?: (value: unknown) => boolean };
  const name = isRawJSON?.(value) ? 'raw JSON' : Object.prototype.toString.call(value).slice('[object '.length, -1);
  if (name === 'Object') return;
  if (keys.length === 0 || name === 'raw JSON' || HIDDEN_CONTENT.has(name) || ArrayBuffer.isView(value))
    refuse(walk, 'a plain object, an array or a value with toJSON', `an object of the class ${name}`);
}

function quoted(text: string, walk: Walk): string {
  // No text is shorter in UTF-8 than it is here, so a huge one is refused before it is looked at or copied.
  if (walk.bytes + text.length + 2 > walk.limit) return tooLarge(walk, text.length + 2);
  if (PLAIN_TEXT.test(text)) return counted(`"${text}"`, walk);
  if (text.includes('\0')) return refuse(walk, 'text without NUL characters', 'a text that has one');
  if (!text.isWellFormed()) return refuse(walk, 'well-formed text', 'a text with a lone surrogate');
  const json = JSON.stringify(text);
  return counted(json, walk, Buffer.byteLength(json));
}

function counted(json: string, walk: Walk, bytes = json.length): string {
  if (walk.bytes + bytes > walk.limit) return tooLarge(walk, bytes);
  walk.bytes += bytes;
  return json;
}

function tooLarge(walk: Walk, bytes: number): never {
  const reached = walk.path.length > 0 ? `, counted up to ${pathOf(walk)}` : '';
  walk.path.length = 0;
  return refuse(walk, `at most ${walk.limit} bytes of JSON`, `${walk.bytes + bytes} bytes or more${reached}`);
}

function refuse(walk: Walk, expected: string, got: string, options?: ErrorOptions): never {
  const path = pathOf(walk);
  walk.refusal = new InvalidJobError(path, `expected ${path} to be ${expected}, got: ${got}`, options);
  throw walk.refusal;
}

function pathOf(walk: Walk, depth = walk.path.length): string {
  const path = walk.path.slice(0, depth).reduce<string>((text, step) => text + stepOf(step), walk.field);
  return path.length <= LONGEST_PATH ? path : `${path.slice(0, LONGEST_PATH / 2)} ... ${path.slice(-LONGEST_PATH / 2)}`;
}

function stepOf(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return step.length <= 60 && /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(step) ? `.${step}` : `[${shown(step)}]`;
}
