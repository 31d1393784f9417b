import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT, tableOf, textOf } from './markdown.js';

interface Mutant {
  name: string;
  of: string;
  what: string;
  file: string;
  find: string;
  put: string;
}

const { MUTANTS }: { MUTANTS: Mutant[] } = await import(path.join(ROOT, 'scripts/mutate/mutants/index.mjs'));

describe('docs/reliability.md', () => {
  const rows = tableOf('docs/reliability.md', 'Mutations');

  const documented = rows.map((row) => `${row['statement or guard']}: ${row.without}`);

  test('has every mutant of the list, in its order, and the law that kills it: `npm run mutate` writes it', () => {
    expect(documented).toEqual(MUTANTS.map(({ name }) => name));
    expect(rows.filter(({ 'the law that goes red': law }) => !law)).toEqual([]);
  });

  test('says that none survived, of how many', () => {
    const { length } = MUTANTS;
    const files = new Set(MUTANTS.map(({ file }) => file)).size;
    expect(textOf('docs/reliability.md')).toContain(
      `${length} mutants in ${files} files, ${length} killed, none survived.`,
    );
  });

  test('names laws that are there', () => {
    expect(rows.filter(({ in: spec }) => !existsSync(path.join(ROOT, spec ?? '')))).toEqual([]);
  });
});

test('each mutant spoils what the source says, at one place', () => {
  const times = ({ file, find }: Mutant) => readFileSync(path.join(ROOT, file), 'utf8').split(find).length - 1;
  expect(MUTANTS.filter((mutant) => times(mutant) !== 1).map(({ name, find }) => ({ name, find }))).toEqual([]);
  expect(MUTANTS.filter(({ find, put }) => find === put)).toEqual([]);
});

test('no two mutants have one name, or do the same', () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  expect(new Set(MUTANTS.map(({ file, find, put }) => JSON.stringify([file, find, put]))).size).toBe(MUTANTS.length);
});
