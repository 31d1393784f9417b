import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/database.js';
import { Database } from '../sending/database.js';
import { PostgresJobReader } from './postgres-job-reader.js';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url, max: 1 });
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

test.each(['oldest', 'newest'] as const)(
  'a page of the %s reads one row more than it shows, however many jobs there are',
  async (order) => {
    await database.sql(`insert into job (kind, id) select '${order}', n::text from generate_series(1, 50) n`);
    const read: number[] = [];
    const counting = {
      async query(statement: { text: string; values: unknown[] }) {
        const answer = await pool.query(statement);
        read.push(answer.rows.length);
        return answer;
      },
      end: async () => {},
    };
    const reader = new PostgresJobReader(new Database(counting as never, { patience: 0, schema: undefined }));
    const { items } = await reader.list({ kind: order }, { order, limit: 10, cursor: null });
    expect([items.length, read]).toEqual([10, [11]]);
  },
);
