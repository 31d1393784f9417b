import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/database.js';
import type { JobKey, JobRecord } from '../../protocol/index.js';
import { Database } from '../sending/database.js';
import { recordsOf } from './records.js';

let database: TestDatabase;
let db: Database;
let sent: { text: string; values: unknown[] };

beforeAll(async () => {
  database = await createTestDatabase();
  const query = async ({ text, values }: { text: string; values: unknown[] }) => {
    sent = { text, values };
    const rows = await database.sql(text, values);
    return { rows, rowCount: rows.length };
  };
  db = new Database({ query, end: async () => {} }, { patience: 0, schema: undefined });
});
afterAll(() => database.drop());

async function pagesOf(kind: string, limit: number): Promise<JobRecord[][]> {
  const pages: JobRecord[][] = [];
  for (let after: JobKey | null = null; ; ) {
    const page = await recordsOf(db, { kind }, after, limit);
    const last = page.at(-1);
    if (!last) return pages;
    pages.push(page);
    after = { kind: last.kind, id: last.id };
  }
}

const ids = (pages: JobRecord[][]) => pages.flat().map(({ id }) => id);

test('a page ends early when its data is large, and holds one job at least', async () => {
  // Two characters a byte: what compresses less is stored as large as it is.
  await database.sql(
    `insert into job (kind, id, data, data_hash) select 'large', 'job ' || lpad(n::text, 2, '0'), to_jsonb(noise), 'hash' from generate_series(1, 20) n,
     lateral (select string_agg(encode(sha256((n || ' ' || i)::text::bytea), 'hex'), '') as noise from generate_series(1, 30000) i) made`,
  );
  const pages = await pagesOf('large', 200);
  expect(ids(pages)).toEqual(Array.from({ length: 20 }, (_, i) => `job ${String(i + 1).padStart(2, '0')}`));
  expect(pages.length).toBeGreaterThan(2);
  const bytes = pages.map((page) => page.reduce((sum, { row }) => sum + (row?.data?.length ?? 0), 0));
  expect(Math.max(...bytes)).toBeLessThan(24 * 2 ** 20);
  await database.sql(`update job set status = 'succeeded', outcome = 'succeeded', claims = 1, attempts = 1, token = gen_random_uuid(), worker = 'w',
    started_at = now(), finished_at = now() where kind = 'large'`);
  // Data that a success may have replaced is not compared, so it stays where it is.
  const withData = async () => (await pagesOf('large', 200)).flat().filter(({ row }) => row?.data !== null);
  expect(await withData()).toEqual([]);
  await database.sql(`insert into job_past_attempt select kind, id, claims, attempts, token, worker, outcome, started_at, finished_at, error from job
    where kind = 'large'`);
  await database.sql(
    `update job set status = 'in_progress', outcome = null, claims = 2, finished_at = null, expires_at = now() where kind = 'large'`,
  );
  expect(await withData()).toEqual([]);
});

test('a page ends early when histories are long, though one history is never cut', async () => {
  await database.sql(
    `insert into job (kind, id, status, outcome, claims, attempts, failures, token, worker, started_at, finished_at, error)
     select 'long', n::text, 'failed', 'failed', 20001, 20001, 20001, gen_random_uuid(), 'w', now(), now(), '{}' from generate_series(1, 6) n`,
  );
  await database.sql(
    `insert into job_past_attempt select 'long', n::text, claim, claim, gen_random_uuid(), 'w', 'failed', now(), now(), '{}'
     from generate_series(1, 6) n, generate_series(1, 20000) claim`,
  );
  const pages = await pagesOf('long', 200);
  expect(ids(pages)).toEqual(['1', '2', '3', '4', '5', '6']);
  expect(pages.length).toBeGreaterThan(1);
  for (const { past } of pages.flat())
    expect([past.length, past[0]?.claim, past.at(-1)?.claim]).toEqual([20_000, 1, 20_000]);
});

test('times are told apart to the microsecond, from the oldest to the last', async () => {
  const times = [
    '0001-01-01 00:00:00.000001+00',
    '2026-11-24 13:00:00.123456+00',
    '2026-11-24 13:00:00.123457+00',
    '9999-12-31 23:59:59.999999+00',
    'infinity',
  ];
  await database.sql(
    `insert into job_past_attempt select 'time', 'a', n, n, gen_random_uuid(), 'w', 'failed', t::timestamptz, t::timestamptz, '{}'
     from unnest($1::text[]) with ordinality t(t, n)`,
    [times],
  );
  const [[record] = []] = await pagesOf('time', 9);
  const told = record?.past.map(({ startedAt }) => startedAt) ?? [];
  expect(told.every((time, i) => i === 0 || time > (told[i - 1] ?? time))).toBe(true);
  expect(told).toHaveLength(5);
  expect(told[1]).toBeCloseTo(Date.UTC(2026, 10, 24, 13, 0, 0, 123) + 0.456, 2);
});

test('keys are read by the order of their bytes, kinds and ids that begin alike apart', async () => {
  const kinds = ['k', 'k ', 'k!', 'K', 'kk', 'k\u00e9'];
  await database.sql(
    `insert into job (kind, id) select kind, id from unnest($1::text[]) kind, unnest(array['', '!', 'a', 'A', 'é']) id where id <> ''`,
    [kinds],
  );
  await database.sql(
    `insert into job_past_attempt select kind, 'b', 1, 1, gen_random_uuid(), 'w', 'failed', now(), now(), '{}' from unnest($1::text[]) kind`,
    [kinds],
  );
  for (const kind of kinds)
    for (const limit of [1, 2, 9]) {
      const pages = await pagesOf(kind, limit);
      expect(ids(pages)).toEqual(['!', 'A', 'a', 'b', '\u00e9']);
      expect(
        pages.flat().every((record) => record.kind === kind && (record.row === null) === (record.id === 'b')),
      ).toBe(true);
    }
});

test('a page far into a kind costs what the first one costs, before and after the tables are analysed', async () => {
  await database.sql(
    `insert into job (kind, id) select kind, id::text from unnest(array['deep', 'next']) kind, generate_series(1, 20000) id`,
  );
  await database.sql(
    `insert into job_past_attempt select kind, id, 1, 1, gen_random_uuid(), 'w', 'failed', now(), now(), '{}' from job where kind in ('deep', 'next')`,
  );
  const blocksOf = async (after: JobKey | null, filter: { kind?: string }) => {
    await recordsOf(db, filter, after, 100);
    const [answer] = await database.sql<{
      'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } }];
    }>(`explain (analyze, buffers, format json) ${sent.text}`, sent.values);
    const plan = answer?.['QUERY PLAN'][0].Plan;
    return (plan?.['Shared Hit Blocks'] ?? 0) + (plan?.['Shared Read Blocks'] ?? 0);
  };
  for (const analysed of [false, true]) {
    if (analysed) await database.sql('analyze');
    const first = await blocksOf(null, { kind: 'deep' });
    for (const kind of ['deep', undefined])
      expect(await blocksOf({ kind: 'deep', id: '9800' }, kind === undefined ? {} : { kind })).toBeLessThan(2 * first);
  }
});
