import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { jobTrackingTables, SCHEMA_VERSIONS, statementsOf } from '../schema/migrations/index.js';
import { qualifier } from './database.js';

const SQL = path.join(import.meta.dirname, '../sql');

/** Every statement that we send, by the name of its file and constant. */
async function statements(): Promise<[name: string, text: string][]> {
  const files = readdirSync(SQL).filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
  const modules = await Promise.all(files.map(async (file) => [file, await import(path.join(SQL, file))] as const));
  const texts = modules.flatMap(([file, module]) =>
    Object.entries(module).flatMap(([name, text]) =>
      typeof text === 'string' ? [[`${file}: ${name}`, text] as [string, string]] : [],
    ),
  );
  for (const version of SCHEMA_VERSIONS)
    for (const [i, text] of statementsOf(version).entries()) texts.push([`${version.name}, statement ${i}`, text]);
  return texts;
}

test.each(await statements())('%s stands whole, and moves to a schema by its quoted tables alone', (_, text) => {
  expect(qualifier(undefined)(text)).toBe(text);
  const moved = qualifier('a "b" $1 c')(text);
  for (const table of jobTrackingTables) {
    // A dollar in the name is no group of the pattern.
    expect(moved.replaceAll(`"a ""b"" $1 c"."${table}"`, '')).not.toContain(`"${table}"`);
    // A table that is not quoted would stay where it was.
    expect(text).not.toMatch(new RegExp(`\\b(from|join|into|update|using|table|view|on) ${table}\\b`, 'i'));
  }
});
