import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from 'embedded-postgres-server';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { eventually } from './support/eventually.js';
import { startProgram } from './support/program.js';

let root: string;
let started: EmbeddedPostgres[] = [];

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'embedded-postgres-'));
  await chmod(root, 0o755);
});

afterEach(async () => {
  await Promise.all(started.map((server) => server.stop('immediate')));
  started = [];
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

async function start(options: EmbeddedPostgresOptions = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(path.join(root, 'new/data'), { fsync: false, ...options });
  started.push(server);
  return server;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return once(socket, 'connect').then(
    () => socket.destroy() !== undefined,
    () => false,
  );
}

test('a server that still runs is used again', async () => {
  const first = await start();
  const second = await start();
  expect([first.reused, second.reused]).toEqual([false, true]);
  expect([second.port, second.pid]).toEqual([first.port, first.pid]);
});

test('a stopped server comes back on the same port as another process', async () => {
  const server = await start();
  const { pid, port } = server;
  for (const how of ['fast', 'immediate'] as const) {
    await server.stop(how);
    expect(await answers(port)).toBe(false);
    expect(server.pid).toBeUndefined();
    await server.stop(how); // harmless
    await server.start();
    await server.start(); // harmless
    expect(await answers(port)).toBe(true);
  }
  expect(server.pid).not.toBe(pid);
});

test('a server whose postmaster was killed starts again', async () => {
  const server = await start();
  process.kill(server.pid ?? 0, 'SIGKILL');
  await server.start();
  expect(await answers(server.port)).toBe(true);
});

test('what an initdb that was killed has left is no data folder', async () => {
  await mkdir(path.join(root, 'new/data.unfinished'), { recursive: true });
  await writeFile(path.join(root, 'new/data.unfinished/PG_VERSION'), '18\n');
  expect(await answers((await start()).port)).toBe(true);
});

test.each([
  ['anything missing', []],
  ['user namespaces', ['unshare']],
  ['user namespaces and capabilities', ['unshare', 'setpriv']],
])('a machine without %s will do, or is told why not', async (_, lacking) => {
  const merelyAnother = lacking.length === 2; // user, who may not go everywhere: not below this folder, were it 0700
  await chmod(root, merelyAnother ? 0o755 : 0o700);
  await mkdir(path.join(root, 'bin'));
  for (const program of lacking) {
    await writeFile(path.join(root, 'bin', program), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  }
  vi.stubEnv('PATH', `${path.join(root, 'bin')}${path.delimiter}${process.env.PATH}`);
  const outcome = await start().then(
    ({ port }) => answers(port),
    (error: Error) => error.message,
  );
  if (outcome !== true) expect(outcome).toMatch(merelyAnother ? /^user \d+, as .* cannot run .*initdb/ : 'never');
});

test('a start on a port that is taken says so in the words of the server', async () => {
  const { port } = await start();
  const second = startEmbeddedPostgres(path.join(root, 'other'), { fsync: false, port });
  await expect(second).rejects.toThrow('Address already in use');
});

test('a folder that does not hold the programs is refused by the name of what is missing', async () => {
  await writeFile(path.join(root, 'initdb'), '');
  await expect(start({ binaries: root })).rejects.toThrow(`no PostgreSQL binaries in ${root}: there is no pg_ctl`);
});

test('with dieWithParent the server does not outlive a parent that is killed', async () => {
  const folder = path.join(root, 'data');
  const parent = startProgram('postgres-parent', [folder]);
  const [port] = await once(parent, 'message');
  expect(await answers(port)).toBe(true);
  parent.kill('SIGKILL');
  await eventually(() => expect(existsSync(path.join(folder, 'postmaster.pid'))).toBe(false));
  expect(await answers(port)).toBe(false);
});
