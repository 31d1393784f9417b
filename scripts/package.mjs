// npm run package [-- <folder>]: the library as it is published, checked, as <folder>/nestjs-job-tracking-<version>.tgz; the
// folder is dist/ unless named. Everything is made anew beside the tarball, so that nothing left over is ever packed.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const out = path.resolve(process.argv[2] ?? path.join(root, 'dist'));
const library = path.join(root, 'libs/job-tracking');
const staged = path.join(out, 'nestjs-job-tracking');

const PATH = [path.join(root, 'node_modules/.bin'), process.env.PATH].join(path.delimiter);
const run = (command, args) =>
  execFileSync(command, args, {
    cwd: root,
    env: { ...process.env, PATH },
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });

try {
  rmSync(staged, { recursive: true, force: true });
  mkdirSync(staged, { recursive: true });
  run('tsc', ['-p', path.join(library, 'tsconfig.lib.json'), '--outDir', path.join(staged, 'dist')]);
  cpSync(path.join(library, 'package.json'), path.join(staged, 'package.json'));
  cpSync(path.join(library, 'migrations'), path.join(staged, 'migrations'), { recursive: true });
  for (const page of ['README.md', 'LICENSE', 'CHANGELOG.md']) {
    if (existsSync(path.join(root, page))) cpSync(path.join(root, page), path.join(staged, page));
  }
  run('publint', ['--strict', staged]);
  // Not for CommonJS: two copies would be two sets of Nest tokens and entities. Node requires an ES module as it is.
  run('attw', ['--pack', staged, '--profile', 'esm-only']);
  run('npm', ['pack', staged, '--pack-destination', out, '--loglevel=error']);
} catch (error) {
  console.error(error.message);
  process.exit(error.status || 1);
}
