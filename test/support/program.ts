import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';

/**
 * A process of its own that runs test/programs/<name>.ts: to be killed, frozen or starved. It talks by `process.send`. Some
 * 0.5 s until its first line runs. Whoever starts it ends it; it ends by itself when the test's process does.
 */
export function startProgram(name: string, args: string[] = []): ChildProcess {
  const here = import.meta.dirname;
  const program = path.join(here, '../programs', `${name}.ts`);
  return fork(path.join(here, 'run-program.mjs'), [program, ...args], { execArgv: ['--enable-source-maps'] });
}
