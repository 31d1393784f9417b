import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

async function contentOf(folder: string): Promise<Record<string, string>> {
  const files = await readdir(folder);
  const texts = files.sort().map(async (file) => [file, await readFile(path.join(folder, file), 'utf8')]);
  return Object.fromEntries(await Promise.all(texts));
}

test('the SQL files that are shipped are what the source would write now', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'migrations-'));
  try {
    await promisify(execFile)(process.execPath, [path.join(ROOT, 'scripts/write-migrations.mjs'), folder], {
      cwd: ROOT,
    });
    expect(await contentOf(path.join(ROOT, 'libs/job-tracking/migrations'))).toEqual(await contentOf(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
