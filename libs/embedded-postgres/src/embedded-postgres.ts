import path from 'node:path';
import { findBinaries } from './binaries.js';
import { prepareDataFolder } from './data-folder.js';
import { freePort } from './free-port.js';
import { findPostmaster, readPidFile } from './postmaster.js';
import { createRunner } from './runner.js';
import { type Server, startServer, stopServer } from './server.js';
import { type Watchdog, watchParent } from './watchdog.js';

export interface EmbeddedPostgresOptions {
  /** true. false for tests: some twice as fast, and the data does not survive a crash of the machine. */
  fsync?: boolean;
  /** A free one. A server that is reused keeps its own. */
  port?: number;
  /** 200. */
  maxConnections?: number;
  /** The folder of `initdb` and `pg_ctl`, of another version for example. Those of the npm package for this platform. */
  binaries?: string;
  /**
   * false. true stops the server however this process ends, SIGKILL included. For tests and throw-away data only: where the
   * next process wants the same data folder again, the dying server races with its start.
   */
  dieWithParent?: boolean;
}

/** A PostgreSQL server of this machine's own, trusting everyone on 127.0.0.1: for development and tests. */
export interface EmbeddedPostgres {
  readonly port: number;
  /** The postmaster's, to kill or to freeze (SIGSTOP) in tests. Another one after `start()`, none while it is stopped. */
  readonly pid: number | undefined;
  /** The server was left running by an earlier process that was killed, and is used again. */
  readonly reused: boolean;
  url(database?: string): string;
  /** 'fast' rolls back and disconnects; 'immediate' is a crash: the next start recovers. Harmless when it does not run. */
  stop(how?: 'fast' | 'immediate'): Promise<void>;
  /** After `stop()`, or after the postmaster was killed: the same data on the same port. Harmless when it runs. */
  start(): Promise<void>;
}

/**
 * Makes the data folder when it is not there, and starts a server on it unless one runs there already. Resolves when it
 * takes connections. Nothing is hooked into this process's signals or exit: whoever starts it stops it.
 */
export async function startEmbeddedPostgres(
  folder: string,
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  const dataFolder = path.resolve(folder);
  const fsync = options.fsync ?? true;
  const binaries = await findBinaries(options.binaries);
  const runner = createRunner(path.dirname(dataFolder));
  await prepareDataFolder(dataFolder, { initdb: binaries.initdb, fsync, runner });

  const server: Server = { pgCtl: binaries.pg_ctl, dataFolder, runner };
  const settings = { fsync, maxConnections: options.maxConnections ?? 200 };
  const found = await findPostmaster(dataFolder);
  const port = found?.port ?? options.port ?? (await freePort());
  let watchdog: Watchdog | undefined;

  const start = async () => {
    if (!(await findPostmaster(dataFolder))) await startServer(server, { ...settings, port });
    if (options.dieWithParent) watchdog ??= watchParent(server);
  };
  const stop: EmbeddedPostgres['stop'] = async (how = 'fast') => {
    watchdog?.dismiss();
    watchdog = undefined;
    if (!(await findPostmaster(dataFolder))) return;
    await stopServer(server, how).catch(async (error: unknown) => {
      if (await findPostmaster(dataFolder)) throw error; // else somebody else was faster
    });
  };

  await start();
  return {
    port,
    reused: found !== undefined,
    get pid() {
      return readPidFile(dataFolder)?.pid;
    },
    url: (database = 'postgres') => `postgresql://postgres@127.0.0.1:${port}/${database}`,
    stop,
    start,
  };
}
