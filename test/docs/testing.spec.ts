// The recipes of docs/testing.md and docs/first-hour.md, and the laws of docs/writing-a-store.md are tests: they run here, as tests.
import { afterAll, describe, expect, test } from 'vitest';
import { blocksOf } from './markdown.js';
import { Snippets } from './snippets.js';

const snippets = new Snippets('testing');
afterAll(() => snippets.remove());

const recipes = (page: string, ending: string) =>
  blocksOf(page).flatMap(({ words }) => words.filter((word) => word.endsWith(ending)));

const TESTING = recipes('docs/testing.md', '.test.ts');
const FIRST_HOUR = recipes('docs/first-hour.md', '.test.ts');
const LAWS = recipes('docs/writing-a-store.md', '.laws.ts');

for (const file of TESTING) describe(`docs/testing.md: ${file}`, () => snippets.load('docs/testing.md', file));
for (const file of FIRST_HOUR) describe(`docs/first-hour.md: ${file}`, () => snippets.load('docs/first-hour.md', file));
for (const file of LAWS)
  describe(`docs/writing-a-store.md: ${file}`, () => snippets.load('docs/writing-a-store.md', file));

test('there are recipes', () => {
  expect([TESTING.length, FIRST_HOUR.length, LAWS.length]).toEqual([4, 1, 1]);
});
