import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidJobError } from '../options/errors.js';
import { ActiveRun } from '../run/active-run.js';
import type { Grant } from '../store/job-store.js';
import { checkId, checkKind, jobId } from './job-id.js';

describe('an id', () => {
  it('is taken as it is, never trimmed or normalised', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }).filter((id) => !id.includes('\0'));
    fc.assert(
      fc.property(text, (id) => {
        expect(checkId(id)).toBe(id);
      }),
    );
    expect(checkId(' 7 ')).toBe(' 7 ');
    expect(checkId('e\u0301')).not.toBe(checkId('\u00e9'));
  });

  it('that is a safe integer becomes text', () => {
    expect(checkId(7)).toBe('7');
    expect(checkId(-0)).toBe('0');
    expect(checkId(Number.MAX_SAFE_INTEGER)).toBe('9007199254740991');
  });

  it('has 1 to 512 bytes, a kind 1 to 128', () => {
    expect(checkId('ö'.repeat(256))).toHaveLength(256);
    expect(() => checkId('ö'.repeat(257))).toThrow('expected id to be a text of 1 to 512 bytes, got: 514 bytes');
    expect(checkKind('k'.repeat(128))).toHaveLength(128);
    expect(() => checkKind('k'.repeat(129))).toThrow('expected kind to be a text of 1 to 128 bytes, got: 129 bytes');
  });

  it.each([
    ['', 'an empty text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Number.NaN, 'NaN'],
    [1.5, '1.5'],
    [2 ** 53, '9007199254740992'],
    [7n, '7n'],
    [true, 'true'],
    [['7'], 'an array of 1'],
    [{ id: '7' }, 'an object with keys id'],
    ['a\0b', String.raw`"a\u0000b"`],
    ['a\ud800', String.raw`"a\ud800"`],
  ])('that is %s (%s) is refused by its field, with what came', (id, got) => {
    let error: unknown;
    try {
      checkId(id, 'jobs[3].id');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InvalidJobError);
    expect(error).toMatchObject({ field: 'jobs[3].id', code: 'INVALID_JOB' });
    expect((error as Error).message).toMatch(/^expected jobs\[3\]\.id to be .+, got: /);
    expect((error as Error).message.endsWith(`got: ${got}`)).toBe(true);
  });
});

/** Texts in which what an id is put together with is common. */
const part = fc.string({ unit: fc.constantFrom(':', '\\', 'a', '7', 'ö'), minLength: 1, maxLength: 6 });
const parts = fc.array(part, { minLength: 1, maxLength: 4 });
const keyOf = (kind: string, id: string): string =>
  new ActiveRun({ kind, id, job: {} } as Grant, undefined, {} as never, {} as never).idempotencyKey;

describe('an id that is put together', () => {
  it('reads as its parts with a colon between, numbers as their text', () => {
    expect(jobId('eu', '7')).toBe('eu:7');
    expect(jobId('eu', 7, -0)).toBe('eu:7:0');
    expect(jobId('alone')).toBe('alone');
    expect(jobId('C:\\temp', 'a:b')).toBe(String.raw`C\:\\temp:a\:b`);
  });

  it('is never that of other parts', () => {
    const told = fc.tuple(parts, parts).filter(([one, other]) => JSON.stringify(one) !== JSON.stringify(other));
    fc.assert(
      fc.property(told, ([one, other]) => jobId(...one) !== jobId(...other)),
      { seed: 7, numRuns: 5_000 },
    );
  });

  it('is never that of the same text cut at another place', () => {
    const cut = fc.tuple(fc.array(fc.constantFrom(':', '\\', 'a'), { minLength: 2, maxLength: 8 }), fc.nat(), fc.nat());
    fc.assert(
      fc.property(cut, ([letters, here, there]) => {
        const cutAt = (at: number): [string, string] => {
          const index = 1 + (at % (letters.length - 1));
          return [letters.slice(0, index).join(''), letters.slice(index).join('')];
        };
        const [one, other] = [cutAt(here), cutAt(there)];
        expect(jobId(...one) === jobId(...other)).toBe(one[0] === other[0]);
        expect(keyOf(...one) === keyOf(...other)).toBe(one[0] === other[0]);
      }),
      { seed: 7, numRuns: 5_000 },
    );
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['', 'an empty text'],
    [Number.NaN, 'NaN'],
    [{ id: '7' }, 'an object with keys id'],
    ['a\0b', String.raw`"a\u0000b"`],
  ])('is refused with a part that is %s, by its place', (missing, got) => {
    const put = () => jobId('5', missing as string);
    expect(put).toThrow(InvalidJobError);
    expect(put).toThrow(expect.objectContaining({ field: 'id[1]', code: 'INVALID_JOB' }));
    expect(put).toThrow(/^expected id\[1\] to be /);
    expect(put).toThrow(`got: ${got}`);
  });

  it('is refused without a part, and where it is longer than an id', () => {
    expect(() => jobId()).toThrow('expected id to be a text of 1 to 512 bytes, got: an empty text');
    expect(() => jobId('a'.repeat(256), 'b'.repeat(256))).toThrow('got: 513 bytes');
  });
});

describe('an idempotency key', () => {
  it('reads as kind and id where these are plain', () => {
    expect(keyOf('charge', '7')).toBe('charge:7');
    expect(keyOf('charge', 'eu-7/2026.11@x')).toBe('charge:eu-7/2026.11@x');
  });

  it('is the same for no two jobs, though the kind of one takes over where the other begins its id', () => {
    expect(keyOf('charge', 'eu:7')).not.toBe(keyOf('charge:eu', '7'));
    const jobs = fc.tuple(part, part, part, part).filter(([a, b, c, d]) => a !== c || b !== d);
    fc.assert(
      fc.property(jobs, ([kind, id, otherKind, otherId]) => keyOf(kind, id) !== keyOf(otherKind, otherId)),
      { seed: 7, numRuns: 5_000 },
    );
  });

  it('is escaped as an id that is put together', () => {
    fc.assert(
      fc.property(part, part, (kind, id) => keyOf(kind, id) === jobId(kind, id)),
      { seed: 7 },
    );
  });
});
