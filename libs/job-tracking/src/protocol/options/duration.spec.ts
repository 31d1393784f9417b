import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Duration, type DurationBounds, milliseconds } from './duration.js';
import { InvalidOptionsError } from './errors.js';

describe('a duration', () => {
  it.each<[Duration, number]>([
    [1_500, 1_500],
    ['500ms', 500],
    ['30s', 30_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['1.5s', 1_500],
    ['0s', 0],
    [0, 0],
    [1.4, 1],
  ])('%s is %i ms', (value, expected) => {
    expect(milliseconds(value, 'lease')).toBe(expected);
  });

  it('is the same as a number of milliseconds and as a text', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), (n) => {
        expect(milliseconds(`${n}ms`, 'lease')).toBe(milliseconds(n, 'lease'));
        expect(milliseconds(`${n}s`, 'lease')).toBe(milliseconds(`${n * 1_000}ms`, 'lease'));
      }),
    );
  });

  it.each<[unknown, DurationBounds?]>([
    ['30'],
    ['30 s'],
    [' 30s'],
    ['-30s'],
    ['30S'],
    ['1e3ms'],
    ['s'],
    [''],
    [-1],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [`${'9'.repeat(400)}s`],
    [10n],
    [null],
    [undefined],
    [{}],
    [true],
    [['30s']],
    ['37000d'],
    [30, { atLeast: 500 }],
    ['25d', { atMost: 2 ** 31 - 1 }],
  ])('%s is refused by name, with what was expected and what came', (value, bounds) => {
    const check = () => milliseconds(value, 'lease', bounds);
    expect(check).toThrow(InvalidOptionsError);
    expect(check).toThrow(/^expected lease to be .+, got: .+/);
  });
});
