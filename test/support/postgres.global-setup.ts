import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { withConnection } from './connection.js';
import { installPostgres } from './older-postgres.js';
import { startTestServer } from './test-server.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server's maintenance database. Tests work in databases of their own: createTestDatabase. */
    pgUrl: string;
    /** This run's template database, made by the first test that wants a database. */
    pgTemplate: string;
  }
}

/** One server a run: DATABASE_URL's, which must let us create databases, or an embedded one that is thrown away. Another one for each older version. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const template = `job_tracking_template_${randomBytes(4).toString('hex')}`;
  project.provide('pgTemplate', template);

  const version = project.config.env?.POSTGRES_VERSION;
  const own = process.env.DATABASE_URL;
  if (own && version === undefined) {
    project.provide('pgUrl', own);
    return () => withConnection(own, (pg) => pg.query(`drop database if exists ${template}`)).then(() => undefined);
  }
  const server = await startTestServer(version && installPostgres(version));
  project.provide('pgUrl', server.url());
  return () => server.remove();
}
