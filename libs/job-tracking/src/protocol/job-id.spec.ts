import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidJobError } from './errors.js';
import { checkId, checkKind } from './job-id.js';

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
