import { afterAll, beforeAll, expect, test } from 'vitest';
import { withConnection } from '../../../../../test/support/connection.js';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/database.js';
import { moment } from '../sql/columns.js';
import { dateOf, timeText } from './as-text.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test.each([
  '2026-11-30T23:59:59.999Z',
  '1969-12-31T23:59:59.999Z',
  '1883-11-18T12:03:57.001Z',
  '0001-01-01T00:00:00.000Z',
  '0000-12-31T23:59:59.999Z',
  '-004000-06-01T00:00:00.001Z',
  '+010000-01-01T00:00:00.000Z',
  '+275760-09-13T00:00:00.000Z',
])('%s goes into the database and comes back, whatever the session makes of dates', async (iso) => {
  const date = new Date(iso);
  for (const style of ['ISO, MDY', 'SQL, DMY', 'German', 'Postgres, YMD']) {
    const at = await withConnection(database.url, async (pg) => {
      await pg.query(`set DateStyle = ${style}`);
      return (await pg.query(`select ${moment('$1::timestamptz')} as at`, [timeText(date)])).rows[0].at;
    });
    expect(dateOf(at)).toEqual(date);
  }
});

test('what lies between two milliseconds belongs to the one before, also before 1970', async () => {
  const rows = await database.sql<{ after: string; before: string }>(
    `select ${moment(`'2026-01-01 00:00:00.123999Z'::timestamptz`)} as after, ${moment(`'1960-01-01 00:00:00.123999Z'::timestamptz`)} as before`,
  );
  expect([dateOf(rows[0]?.after ?? ''), dateOf(rows[0]?.before ?? '')]).toEqual([
    new Date('2026-01-01T00:00:00.123Z'),
    new Date('1960-01-01T00:00:00.123Z'),
  ]);
});
