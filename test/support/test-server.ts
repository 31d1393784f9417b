import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from 'embedded-postgres-server';

export type TestServer = EmbeddedPostgres & {
  /** Stops it and deletes its data. */
  remove(): Promise<void>;
};

/** A server of one's own, for a test that stops, kills or restarts it. About a second; it dies with this process. `binaries`: of another version. */
export async function startTestServer(binaries?: string): Promise<TestServer> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'job-tracking-pg-'));
  await chmod(root, 0o755); // where PostgreSQL runs as another user, it must pass through
  const server = await startEmbeddedPostgres(path.join(root, 'data'), {
    fsync: false,
    maxConnections: 300,
    dieWithParent: true,
    ...(binaries !== undefined && { binaries }),
  });
  return Object.assign(server, {
    remove: async () => {
      await server.stop('immediate');
      await rm(root, { recursive: true, force: true });
    },
  });
}
