import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorsOf, column, linksOf, pages, ROOT, tableOf, textOf } from './markdown.js';

describe.each(pages())('%s', (page) => {
  test('its links lead somewhere', () => {
    const dead = linksOf(page).filter((link) => {
      if (/^https:/.test(link)) return false;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
      return !existsSync(path.join(ROOT, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(dead).toEqual([]);
  });

  test('it names no place of one machine', () => {
    expect(textOf(page)).not.toMatch(/\/(root|home|work|tmp|Users)\/|127\.0\.0\.1|\b[A-Z]:\\/);
  });
});

test('every page of docs can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const page of reached)
    for (const link of linksOf(page).filter((link) => /^[\w./-]+\.md(#|$)/.test(link)))
      reached.add(path.posix.join(path.posix.dirname(page), link.replace(/#.*/, '')));
  expect(pages().filter((page) => !reached.has(page))).toEqual([]);
});

test('every decision is in the index, by its number and its title, with its context, decision and consequence', () => {
  const records = globSync('docs/decisions/0*.md', { cwd: ROOT }).sort();
  const index = tableOf('docs/decisions/README.md');
  for (const [i, record] of records.entries()) {
    const text = textOf(record);
    const [, title] = /^# \d+\. (.+)$/m.exec(text) ?? [];
    const number = String(i + 1).padStart(4, '0');
    expect(index[i]).toEqual({ record: `[${number}](${path.basename(record)})`, decision: title });
    for (const part of ['Context', 'Decision', 'Consequence']) expect(text, record).toContain(`**${part}.**`);
  }
});

test('the glossary has each word once, in order', () => {
  const words = column(tableOf('docs/glossary.md'), 'word');
  expect(words).toEqual([...new Set(words)].sort());
});

test('the import law of CONTRIBUTING is the one that is held', async () => {
  const { default: law } = await import(path.join(ROOT, 'layers.config.mjs'));
  const held: { name: string; comment: string }[] = law.forbidden;
  const doors = ['index.ts', 'core.ts', 'job-tracking.module.ts', 'testing/index.ts'];
  const imports = doors.map((door) => textOf(`libs/job-tracking/src/${door}`)).join();
  const folders = new Set([...imports.matchAll(/from '\.\.?\/(\w+)\/index\.js'/g)].map(([, folder = '']) => folder));
  const rows = tableOf('CONTRIBUTING.md', 'The import law');
  const documented = Object.fromEntries(rows.map((row) => [row['folder of `libs/job-tracking/src`'], row.because]));
  const because = (rule: string) => held.find(({ name }) => name === rule)?.comment;
  expect(documented).toEqual({
    ...Object.fromEntries([...folders, 'testing'].map((folder) => [folder, because(folder)])),
    'core.ts': because('core-without-postgres'),
    '`index.ts`, `job-tracking.module.ts`': because('assembly'),
  });
});
