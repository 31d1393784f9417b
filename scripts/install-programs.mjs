// Runs before `npm run test:full`: the Debian programs that some tests want, where they are missing and apt-get may bring them. What is
// still missing then is told, and the tests that want it are skipped, which test:full counts as failed.
import { spawnSync } from 'node:child_process';

/** Program -> Debian package. */
const PROGRAMS = { spin: 'spin', cc: 'gcc', faketime: 'faketime' };

const isThere = (program) => spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
const missing = () => Object.keys(PROGRAMS).filter((program) => !isThere(program));

if (missing().length > 0 && process.getuid?.() === 0 && isThere('apt-get')) {
  const packages = missing().map((program) => PROGRAMS[program]);
  console.log(`Installing ${packages.join(', ')} (apt-get) ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env };
  spawnSync('apt-get', ['update', '-q'], quiet);
  spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages, 'libc6-dev'], quiet);
}
for (const program of missing()) console.log(`${program} is missing (Debian package ${PROGRAMS[program]})`);
