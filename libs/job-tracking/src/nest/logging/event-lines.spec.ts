import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JobEvent, JobEventType } from '../../protocol/index.js';
import { EVENT_LEVELS, lineOf } from './event-logger.js';

const TYPES = Object.keys(EVENT_LEVELS) as JobEventType[];

/** By number, not by the properties that the library goes by. */
const UNSEEN: [first: number, last: number][] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0001, 0xe007f],
];
const unseenIn = (line: string) =>
  [...line].filter((character) => {
    const code = character.codePointAt(0) ?? 0;
    return UNSEEN.some(([first, last]) => code >= first && code <= last);
  });

/** What a client, or an error that quotes one, may have put in each place of an event. */
function eventOf(type: JobEventType, text: string, thrown: unknown = new Error(text)): JobEvent {
  const attempt = { kind: text, id: text, claim: 1, attempt: 1, worker: text, duration: 1, retryIn: 1, crashes: 1 };
  const error = type === 'failed' ? { name: text, message: text, fingerprint: text, stack: text } : thrown;
  return { ...attempt, type, code: text, reason: text, error } as JobEvent;
}

describe.each(TYPES)('%s', (type) => {
  test.each([
    ['a line that nobody wrote', 'a\n[Nest] 1  - ERROR forged', 'a\\n[Nest] 1  - ERROR forged'],
    ['a return to the beginning of its line', 'a\rforged', 'a\\rforged'],
    ['a command to the terminal', '\x1b]0;title\x07\x1b[2J', '\\u001b]0;title\\u0007\\u001b[2J'],
    ['the same in one character', '\x9b2J\x7f', '\\u009b2J\\u007f'],
    ['text that runs backwards', 'a\u202egpj.exe\u2066\u200f', 'a\\u202egpj.exe\\u2066\\u200f'],
    ['a break that is no newline', 'a\u2028b\u2029c\x85d', 'a\\u2028b\\u2029c\\u0085d'],
    ['what looks like another id', 'a\u200bb\ufeff\u00ad', 'a\\u200bb\\ufeff\\u00ad'],
    ['a tag that is not seen', 'a\u{e0041}', 'a\\udb40\\udc41'],
    ['half a character', 'a\ud83d', 'a\\ud83d'],
  ])('of a job whose texts hold %s is one line, with it escaped', (_what, text, escaped) => {
    const line = lineOf(eventOf(type, text));
    expect(unseenIn(line)).toEqual([]);
    expect(line).toContain(escaped);
  });

  test('of any texts at all is one line that shows every character of it', () => {
    const hostile = fc.constantFrom(
      '\n',
      '\r',
      '\t',
      '\0',
      '\x1b[',
      '\x7f',
      '\x9b',
      '\u2028',
      '\u202e',
      '\u2069',
      '\u200d',
    );
    const texts = fc.string({ unit: fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 1 })), maxLength: 50 });
    fc.assert(
      fc.property(texts, fc.boolean(), (text, isError) => {
        expect(unseenIn(lineOf(eventOf(type, text, isError ? new Error(text) : text)))).toEqual([]);
      }),
      { seed: 13, numRuns: 200 },
    );
  });
});

test('what can be read is left as it is, in every script', () => {
  const text = 'C:\\Bücher "7" 注文 заказ طلب 😀 — «ok»';
  expect(lineOf(eventOf('failed', text))).toContain(`: ${text}: ${text}`);
});

test('a driver that says a megabyte is cut short', () => {
  expect(lineOf(eventOf('record_delayed', 'x'.repeat(1_000_000))).length).toBeLessThan(25_000);
});
