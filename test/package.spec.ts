import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '..');

let folder: string;
let packed: string[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'package-'));
  const script = path.join(ROOT, 'scripts/package.mjs');
  await run(process.execPath, [script, folder], { cwd: ROOT }).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`the library cannot be packed\n${error.stdout}${error.stderr}`);
  });
  const { version } = JSON.parse(await readFile(path.join(ROOT, 'libs/job-tracking/package.json'), 'utf8'));
  const list = await run('tar', ['-tzf', path.join(folder, `nestjs-job-tracking-${version}.tgz`)]);
  packed = list.stdout.trim().split('\n').sort();
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the tarball holds the library with its types, its licence and what to read first', () => {
  expect(packed).toEqual(
    expect.arrayContaining([
      'package/package.json',
      'package/dist/index.js',
      'package/dist/index.d.ts',
      'package/LICENSE',
      'package/README.md',
      'package/CHANGELOG.md',
    ]),
  );
});

test('the tarball holds nothing else: no tests, no sources, no maps to sources that are not there', () => {
  const known = /^package\/(dist\/.+(?<!\.spec)(\.js|\.d\.ts)|package\.json|LICENSE|(README|CHANGELOG)\.md)$/;
  expect(packed.filter((file) => !known.test(file))).toEqual([]);
});

test('every file is packed with its types', () => {
  const scripts = packed.filter((file) => file.endsWith('.js'));
  expect(packed).toEqual(expect.arrayContaining(scripts.map((file) => file.replace(/js$/, 'd.ts'))));
});
