import { expect, test } from 'vitest';
import type { AppConnection } from './app-connection.js';
import { Database } from './database.js';
import { throughApp } from './through-app.js';

/** An app whose own driver answers like this. */
const answering = (...answers: Promise<unknown>[]) => {
  const getClient = () => ({ executeQuery: () => answers.shift() });
  return throughApp({ connection: { getClient } } as unknown as AppConnection);
};
const NEVER = new Promise(() => {});
const SEVEN = Promise.resolve({ rows: [{ seven: 7 }], numAffectedRows: undefined });

test('a statement that the driver of the app never answers is sent again', async () => {
  const db = new Database(answering(NEVER, SEVEN), { patience: 10_000, schema: undefined });
  expect(await db.query('select 7', [], { within: 20 })).toMatchObject({ rows: [{ seven: 7 }], resent: true });
});

test('what such a statement changed is counted', async () => {
  const pool = answering(Promise.resolve({ rows: [], numAffectedRows: 3n }), SEVEN);
  const statement = { text: '', values: [], query_timeout: undefined };
  expect([(await pool.query(statement)).rowCount, (await pool.query(statement)).rowCount]).toEqual([3, 1]);
});
