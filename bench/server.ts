import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from 'embedded-postgres-server';

export interface BenchServer extends AsyncDisposable {
  url: string;
}

/** A server of the bench's own, which keeps what it acknowledges: fsync is on. Its data goes with it. */
export async function startServer(): Promise<BenchServer> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'job-tracking-bench-'));
  await chmod(root, 0o755); // where PostgreSQL runs as another user, it must pass through
  const server = await startEmbeddedPostgres(path.join(root, 'data'), { dieWithParent: true });
  return {
    url: server.url(),
    [Symbol.asyncDispose]: async () => {
      await server.stop('immediate');
      await rm(root, { recursive: true, force: true });
    },
  };
}
