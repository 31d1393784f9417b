import { describe, expect, test } from 'vitest';
import { readOptions } from '../bench/options.js';
import { speedsOf } from '../bench/rows/many-verbs/progress.js';
import { markdownOf, median } from '../bench/table.js';

describe('npm run bench', () => {
  test('tells the speed of the last tenth and of the first, by what the server noted of each statement', () => {
    const progress = Array.from({ length: 10 }, (_, n) => ({
      changed: 100,
      at: 1_000 + 100 * n + (n === 9 ? 100 : 0),
    }));
    expect(speedsOf(progress, 900)).toEqual({ of: 500, against: 1_000 });
  });

  test('prints medians over the runs, of the ratios too', () => {
    const runs = [
      { of: 10, against: 10 },
      { of: 30, against: 10 },
      { of: 20, against: 40 },
    ];
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
    expect(
      markdownOf([{ what: 'a row', unit: 'jobs/s', runs }])
        .split('\n')
        .at(-1),
    ).toBe('| a row | 20 jobs/s | 10 jobs/s | 1.00 | 3 |');
  });

  test.each([['--jobs', '5'], ['--runs', 'many'], ['--fast']])('does not run with %s %s', (...args) => {
    expect(() => readOptions(args)).toThrow(/expected --|Unknown option/);
  });
});
