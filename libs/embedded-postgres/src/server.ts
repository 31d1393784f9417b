import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Runner } from './runner.js';

/** A data folder and what it takes to run a server on it. */
export interface Server {
  pgCtl: string;
  dataFolder: string;
  runner: Runner;
}

export interface ServerSettings {
  port: number;
  fsync: boolean;
  maxConnections: number;
}

/** Resolves when it takes connections. pg_ctl gives it a session of its own, so that Ctrl-C reaches the application alone. */
export async function startServer(server: Server, settings: ServerSettings, tries = 50): Promise<void> {
  const log = path.join(server.dataFolder, 'server.log');
  const logged = read(log).length;
  const start = ['-D', server.dataFolder, '-w', '-t', '60', '-l', log, '-o', flags(settings), 'start'];
  try {
    await server.runner.run(server.pgCtl, start);
  } catch (cause) {
    const said = read(log).slice(logged).trim();
    // The children of a postmaster that was killed need a moment to notice.
    if (tries > 0 && said.includes('pre-existing shared memory block')) {
      await sleep(100);
      return startServer(server, settings, tries - 1);
    }
    throw new Error(`PostgreSQL did not start on ${server.dataFolder}\n${said}`, { cause });
  }
}

export async function stopServer({ pgCtl, dataFolder, runner }: Server, how: 'fast' | 'immediate'): Promise<void> {
  await runner.run(pgCtl, ['-D', dataFolder, '-w', '-m', how, 'stop']);
}

function flags({ port, fsync, maxConnections }: ServerSettings): string {
  const durable = fsync ? 'on' : 'off';
  return [
    `-p ${port}`,
    '-c listen_addresses=127.0.0.1',
    "-c unix_socket_directories=''",
    `-c max_connections=${maxConnections}`,
    `-c fsync=${durable}`,
    `-c synchronous_commit=${durable}`,
    `-c full_page_writes=${durable}`,
  ].join(' ');
}

function read(log: string): string {
  return existsSync(log) ? readFileSync(log, 'utf8') : '';
}
