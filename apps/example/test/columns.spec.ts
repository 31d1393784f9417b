import { expect, it } from 'vitest';
import { columns } from '../src/console/columns.js';

it("a package's own words stay in their cell, whatever they hold", () => {
  const table = columns([
    ['LICENCE', 'packages'],
    ['MIT\nforged  7', 1],
    ['\x1b[2J\x9b2J\u202eTIM\u2028', 2],
  ]);
  expect(table).toBe(
    [
      'LICENCE                           packages',
      'MIT\\u000aforged  7                       1',
      '\\u001b[2J\\u009b2J\\u202eTIM\\u2028         2',
    ].join('\n'),
  );
});
