import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chanceOf, SEED } from './support/seed.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const DRAWN = ['Math', 'random()'].join('.');

describe('what is drawn by chance in the tests', () => {
  test('begins with the seed, whoever draws it: what is red once is red again', () => {
    const files = globSync(['test/**/*.ts', '{libs,apps}/**/*.spec.ts'], {
      cwd: ROOT,
      exclude: ['**/node_modules/**'],
    });
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => readFileSync(path.join(ROOT, file), 'utf8').includes(DRAWN))).toEqual([]);
    expect(fc.readConfigureGlobal()?.seed).toBe(SEED);
  });

  test('is the same for the same words, and another for others', () => {
    const three = (...words: string[]) => {
      const chance = chanceOf(...words);
      return [chance(), chance(), chance()];
    };
    expect(three('a', 'b')).toEqual(three('a', 'b'));
    expect(three('a', 'b')).not.toEqual(three('a', 'c'));
  });
});
