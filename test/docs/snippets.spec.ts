import { format } from 'node:util';
import { EntityManager } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type Block, blocksOf, pages } from './markdown.js';
import { fileName, Snippets } from './snippets.js';

const snippets = new Snippets('snippets');
afterAll(() => snippets.remove());

test('every snippet of the documentation compiles against the library', () => {
  expect(snippets.blocks().length).toBeGreaterThan(10);
  expect(snippets.complaints()).toEqual([]);
}, 60_000);

const runnable = snippets.blocks().filter(({ words }) => words.includes('run'));

describe.each(pages().filter((page) => runnable.some((block) => block.page === page)))('%s', (page) => {
  let database: TestDatabase;
  let app: TestApp;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startApp({ url: database.url });
    vi.stubGlobal('tracker', app.tracker);
    vi.stubGlobal('em', app.nest.get(EntityManager).fork());
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    await app?.close();
    await database?.drop();
  });

  test.each(runnable.filter((block) => block.page === page))(
    'what line $line runs prints what it says',
    async (block) => {
      const printed: string[] = [];
      const log = vi.spyOn(console, 'log').mockImplementation((...args) => {
        printed.push(format(...args));
      });
      await snippets.load(page, fileName(block)).finally(() => log.mockRestore());
      expect(printed).toEqual(promised(block));
      expect(printed).not.toEqual([]);
    },
  );
});

test('a block says no more of itself than the tests understand', () => {
  const words = pages().flatMap((page) =>
    blocksOf(page).flatMap((block) => block.words.map((word) => `${block.language} ${word}`)),
  );
  expect(words.filter((word) => !/^(ts run|ts [\w./-]+\.ts|sql as=\w+)$/.test(word))).toEqual([]);
});

/** `console.log(…); // this` */
function promised({ code }: Block): string[] {
  return [...code.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map(([, text = '']) => text);
}
