import { spawn } from 'node:child_process';
import type { Server } from './server.js';

export interface Watchdog {
  /** The server is left alone from now on. */
  dismiss(): void;
}

/** A shell that waits on a pipe from this process: the system closes it however this process ends, SIGKILL included. */
export function watchParent({ pgCtl, dataFolder, runner }: Server): Watchdog {
  const stop = runner.command(pgCtl, ['-D', dataFolder, '-m', 'immediate', 'stop']);
  const shell = spawn('sh', ['-c', 'read -r _; exec "$@"', 'sh', stop.file, ...stop.args], {
    ...runner.options,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  // SIGKILL and not the end of the pipe, which would have it stop the server that start() brings up next.
  return { dismiss: () => shell.kill('SIGKILL') };
}
