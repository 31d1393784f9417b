import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from 'embedded-postgres-server';
import { Pool, type QueryResultRow } from 'pg';
import type { Sql } from './connection.js';
import { migrateTemplate } from './migrate-template.js';

export interface DurableServer extends AsyncDisposable {
  /** Of a database with our tables in it. */
  url: string;
  sql: Sql;
  /** As a crash ends it. */
  crash(): Promise<void>;
  /** With what was committed before. */
  start(): Promise<void>;
}

/** A server of one's own that keeps what it has acknowledged, whatever happens: the tests' own ones trade that for speed. */
export async function startDurableServer(): Promise<DurableServer> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'job-tracking-durable-'));
  await chmod(root, 0o755); // where PostgreSQL runs as another user, it must pass through
  const server = await startEmbeddedPostgres(path.join(root, 'data'), { maxConnections: 50, dieWithParent: true });
  const url = server.url();
  await migrateTemplate(url);
  const pool = new Pool({ connectionString: url, max: 2 });
  pool.on('error', () => {}); // the server goes away on purpose
  return {
    url,
    sql: async <Row extends QueryResultRow = QueryResultRow>(text: string, values?: unknown[]) =>
      (await pool.query<Row>(text, values)).rows,
    crash: () => server.stop('immediate'),
    start: () => server.start(),
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await server.stop('immediate');
      await rm(root, { recursive: true, force: true });
    },
  };
}
