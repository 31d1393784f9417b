import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.js';

const FOLDER = path.join(import.meta.dirname, 'sql');

/** What is sent, by file and name; the other exports are parts of texts. */
async function statements(): Promise<[name: string, text: string][]> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts'));
  const modules = await Promise.all(files.map(async (file) => [file, await import(path.join(FOLDER, file))] as const));
  return modules.flatMap(([file, module]) =>
    Object.entries(module).flatMap(([name, text]) =>
      typeof text === 'string' && /^\s*(select|with|insert|update|delete) /.test(text)
        ? [[`${file}: ${name}`, text] as [string, string]]
        : [],
    ),
  );
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test.each(await statements())(
  '%s is understood as it stands: the type of every parameter is in its text',
  async (name, text) => {
    await expect(database.sql(`prepare "${name}" as ${text}`)).resolves.toEqual([]);
  },
);
