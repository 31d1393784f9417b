// Runs before `npm start` and `npm test`, so that both work first thing on a fresh clone. Plain JavaScript for the Node of
// the machine (20 will do): the Node that the other scripts run on comes with this very installation.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const changed = (file) => statSync(path.join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

// npm writes its own list of what it installed last of all, after package-lock.json.
if (changed('node_modules/.package-lock.json') < changed('package-lock.json')) {
  console.log('Installing what package-lock.json names (npm ci) ...');
  // Without node_modules/.bin, which npm has put first: `npm ci` deletes the Node that is in there.
  const search = (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => !folder.endsWith('node_modules/.bin'));
  const { status } = spawnSync('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: root,
    env: { ...process.env, PATH: search.join(path.delimiter) },
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.exit(status ?? 1);
}
