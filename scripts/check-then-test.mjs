// `npm test`: what can be checked without running (lint, layers, types), then the tests. Arguments are vitest's:
// `npm test -- test/layers.spec.ts`. The last line is always a count, here when the tests were not reached.
import { spawnSync } from 'node:child_process';

const run = (command, args) =>
  spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status ?? 1;

const checked = run('npm', ['run', '--silent', 'check']);
if (checked !== 0) {
  console.log('A check failed: the tests were not run.\n0 passed, 1 failed');
  process.exit(checked);
}
process.exit(run('vitest', ['run', ...process.argv.slice(2)]));
