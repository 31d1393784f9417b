import { readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Postmaster {
  pid: number;
  port: number;
}

const PATIENCE_MS = 60_000;
const ANSWER_MS = 5_000;

/**
 * The shortest question of the protocol («TLS?»), which any server answers, with a byte. That a connection is taken says nothing: the kernel
 * takes it, also for a process whose SIGKILL is on its way.
 */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * The server that runs on this folder, once it answers: one that has just been started does not yet, and one that has just
 * been killed never will again.
 */
export async function findPostmaster(dataFolder: string): Promise<Postmaster | undefined> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const postmaster = readPidFile(dataFolder);
    if (!postmaster || isGone(postmaster.pid, dataFolder)) return undefined;
    if (await answers(postmaster.port)) return postmaster;
    if (performance.now() > deadline) {
      throw new Error(`process ${postmaster.pid} holds ${dataFolder}, but does not answer on ${postmaster.port}`);
    }
    await sleep(20);
  }
}

/** Its lines: pid, data folder, start time, port, and more that nobody needs here. */
export function readPidFile(dataFolder: string): Postmaster | undefined {
  try {
    const lines = readFileSync(path.join(dataFolder, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]) };
  } catch {
    return undefined;
  }
}

function isGone(pid: number, dataFolder: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'; // EPERM: alive, another user's
  }
  if (!isZombie(pid)) return false;
  // Killed, and nobody has reaped it: in a container whose first process does not, for ever. A signal still finds it, so
  // that the next server would take it for alive. It guards the folder by its shared memory too, this file may go.
  rmSync(path.join(dataFolder, 'postmaster.pid'), { force: true });
  return true;
}

function isZombie(pid: number): boolean {
  try {
    return / \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // no /proc on this system
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(SSL_REQUEST));
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_MS, () => done(false));
    socket.once('data', () => done(true));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
  });
}
