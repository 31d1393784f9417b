import type { FailureRecord } from '../job/job.js';
import { shown } from '../options/shown.js';
import { fingerprintOf, frameLines } from './fingerprint.js';

const CAUSES = 5;
const FRAMES = 50;
const LISTED = 3;
const NAME_BYTES = 100;
const FINGERPRINT_BYTES = 32;
/** Bytes: room for a name, a fingerprint and a sentence. */
const SMALLEST = 256;
const NO_CLASS = 'NonError';

/**
 * Whatever was thrown, as a record that jsonb can hold and whose JSON is at most `limit` bytes (under 256 counts as 256). Never throws.
 * `name` is the class's, 'NonError' where there is none; `stack` holds frames only, innermost first; causes are kept five deep. Where room is
 * short, inner causes go first, then outer frames, then the end of the message. An error that carries several lists the first three in its
 * message, and the first is its cause where it names no other.
 */
export function failureRecordOf(thrown: unknown, limit: number): FailureRecord {
  try {
    return fitted(recordOf(thrown, new Set()), limit);
  } catch {
    return placeholder('what was thrown cannot be read');
  }
}

/** What a user's redaction made of a record, bounded in the same way; a record that says so where it made none. Never throws. */
export function boundFailure(record: unknown, limit: number): FailureRecord {
  try {
    return fitted(givenBack(record, CAUSES) ?? placeholder('the redaction of the error gave back no record'), limit);
  } catch {
    return placeholder('the redaction of the error gave back what cannot be read');
  }
}

function placeholder(message: string): FailureRecord {
  return { name: NO_CLASS, message, fingerprint: fingerprintOf(NO_CLASS, message, '') };
}

function recordOf(thrown: unknown, seen: Set<unknown>): FailureRecord {
  seen.add(thrown);
  const name = nameOf(thrown);
  const message = messageOf(thrown);
  const stack = text(read(thrown, 'stack'));
  const frames = frameLines(stack, message).slice(0, FRAMES);
  const { listed, first } = severalIn(thrown);
  const cause = read(thrown, 'cause') ?? first;
  return {
    name,
    message: [message, listed].filter((part) => part !== '').join(' '),
    fingerprint: fingerprintOf(name, message || listed, stack),
    ...(frames.length > 0 && { stack: frames.join('\n') }),
    ...(cause != null && !seen.has(cause) && seen.size <= CAUSES && { cause: recordOf(cause, seen) }),
  };
}

function nameOf(thrown: unknown): string {
  if (typeof thrown !== 'object') return NO_CLASS;
  const name = text(read(thrown, 'name'));
  if (name !== '' && name !== 'Error') return name;
  // A class that never set its name inherits 'Error', which says less than the class does.
  const made = text(read(read(thrown, 'constructor'), 'name'));
  return made !== '' && made !== 'Object' ? made : name || NO_CLASS;
}

function messageOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  const message = read(thrown, 'message');
  // Connection errors of Node may have a code and no words.
  return typeof message === 'string' ? message || text(read(thrown, 'code')) : `${pictured(thrown)} was thrown`;
}

function pictured(thrown: unknown): string {
  const keys = keysOf(thrown).slice(0, 5);
  return keys.length > 0 ? `{ ${keys.map((key) => `${key}: ${shown(read(thrown, key))}`).join(', ')} }` : shown(thrown);
}

function keysOf(thrown: unknown): string[] {
  try {
    return typeof thrown === 'object' && thrown !== null && !Array.isArray(thrown) ? Object.keys(thrown) : [];
  } catch {
    return [];
  }
}

/** An AggregateError, or another error that has a list of errors. */
function severalIn(thrown: unknown): { listed: string; first: unknown } {
  const errors = read(thrown, 'errors');
  const count = read(errors, 'length');
  const first = read(errors, 0);
  if (typeof count !== 'number' || typeof read(first, 'message') !== 'string') return { listed: '', first: undefined };
  const some = Array.from({ length: Math.min(count, LISTED) }, (_, i) => read(errors, i));
  const named = some.map((error) => `${nameOf(error)}: ${messageOf(error).slice(0, 200)}`);
  return { listed: `(${count} errors: ${named.join('; ')}${count > LISTED ? '; ...' : ''})`, first };
}

function givenBack(record: unknown, causes: number): FailureRecord | undefined {
  if (typeof record !== 'object' || record === null) return undefined;
  const { name, message, fingerprint, stack, cause } = record as { [K in keyof FailureRecord]: unknown };
  if (typeof name !== 'string' || typeof message !== 'string') return undefined;
  const inner = causes > 0 ? givenBack(cause, causes - 1) : undefined;
  return {
    name,
    message,
    fingerprint: text(fingerprint) || fingerprintOf(name, message, text(stack)),
    ...(typeof stack === 'string' && { stack }),
    ...(inner && { cause: inner }),
  };
}

/** Fills the limit in the order of what tells most: name and message, frames, then the cause with what is left. */
function fitted({ name, message, fingerprint, stack = '', cause }: FailureRecord, asked: number): FailureRecord {
  const limit = Math.max(asked, SMALLEST);
  const kept: FailureRecord = {
    name: cut(name, NAME_BYTES),
    message: '',
    fingerprint: cut(fingerprint, FINGERPRINT_BYTES),
  };
  const room = () => limit - jsonBytes(kept);
  kept.message = cut(message, stack === '' && cause === undefined ? room() : Math.min(room(), limit >> 1));
  const frames = cutLines(stack, room() - ',"stack":""'.length);
  if (frames !== '') kept.stack = frames;
  const left = room() - ',"cause":'.length;
  if (cause !== undefined && left >= SMALLEST) kept.cause = fitted(cause, left);
  return kept;
}

/** The beginning of a text that takes at most `room` bytes between the quotes of its JSON. */
function cut(whole: string, room: number): string {
  // No character takes less than a byte, so of a huge text no more than this is looked at.
  const start = storable(whole.slice(0, Math.max(room, 0)));
  if (start.length === whole.length && jsonBytes(start) - 2 <= room) return start;
  const ended = (length: number) => `${start.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}...`;
  let fits = -1;
  let over = start.length + 1;
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    if (jsonBytes(ended(middle)) - 2 <= room) fits = middle;
    else over = middle;
  }
  return fits < 0 ? '' : ended(fits);
}

/** Whole lines, the first ones; of a first line that is too long its beginning. */
function cutLines(whole: string, room: number): string {
  const short = cut(whole, room);
  return short.length < whole.length && short.includes('\n') ? short.slice(0, short.lastIndexOf('\n')) : short;
}

/** jsonb refuses NUL and lone surrogates. */
function storable(anyText: string): string {
  return anyText.toWellFormed().replaceAll('\0', '\uFFFD');
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** A property of a thing that may throw at every touch; undefined where it cannot be had. */
function read(thing: unknown, key: string | number): unknown {
  try {
    return (thing as Record<string | number, unknown>)[key];
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
