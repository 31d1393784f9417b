import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findUnprivilegedUser, type UnprivilegedUser } from './unprivileged-user.js';

/** How PostgreSQL's programs are started here. */
export interface Runner {
  run(program: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }>;
  /** The same, for who starts it in his own way. */
  command(program: string, args: readonly string[]): { file: string; args: string[] };
  readonly options: { cwd: string; uid?: number; gid?: number };
  readonly owner: UnprivilegedUser['owner'];
}

/** @param cwd a folder that whoever we become can enter; this process's own is often root's alone */
export function createRunner(cwd: string): Runner {
  const { prefix, ids, owner } = findUnprivilegedUser();
  // A locale that this machine lacks stops the server; messages are read by people who search for them.
  const locale = process.platform === 'win32' ? [] : ['env', 'LC_ALL=C'];
  const command: Runner['command'] = (program, args) => {
    const [file = program, ...rest] = [...prefix, ...locale, program, ...args];
    return { file, args: rest };
  };
  const options = { cwd, ...ids };
  return {
    command,
    options,
    owner,
    run: (program, args) => {
      const whole = command(program, args);
      return promisify(execFile)(whole.file, whole.args, options);
    },
  };
}
