import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, Pool, type QueryResultRow } from 'pg';
import { inject } from 'vitest';
import { type Sql, urlOf, withConnection } from './connection.js';
import { createTemplateOnce } from './template-database.js';

export interface TestDatabase {
  url: string;
  name: string;
  /** To look behind the library's back: `await database.sql('select * from job')`. */
  sql: Sql;
  /** Also while others are connected. */
  drop(): Promise<void>;
}

async function connected(pg: Client, database: string): Promise<boolean> {
  const { rows } = await pg.query('select 1 from pg_stat_activity where datname = $1 limit 1', [database]);
  return rows.length > 0;
}

/** A fresh database with our tables in it, a copy of the run's template: some 50 ms. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('pgUrl');
  const template = await createTemplateOnce(server, inject('pgTemplate'));
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withConnection(server, (pg) => pg.query(`create database ${name} template ${template} strategy file_copy`));

  const url = urlOf(server, name);
  const pool = new Pool({ connectionString: url, max: 2 });
  pool.on('error', () => {}); // tests end connections and stop servers: the next query opens another
  return {
    url,
    name,
    sql: async <Row extends QueryResultRow>(text: string, values?: unknown[]) =>
      (await pool.query<Row>(text, values)).rows,
    drop: async () => {
      await pool.end();
      await withConnection(server, async (pg) => {
        // A connection that is just being closed, ended by force, would err where nobody listens any more.
        for (let looks = 0; looks < 40 && (await connected(pg, name)); looks++) await sleep(25);
        await pg.query(`drop database if exists ${name} with (force)`);
      });
    },
  };
}
