// Settings that somebody made for a database or a role, for reasons of their own: none of them changes what the tracker writes, reads or promises.
import { MikroORM } from '@mikro-orm/postgresql';
import { type Client, Pool } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import { startApp, type TestApp } from '../../../../../test/support/app.js';
import { withConnection } from '../../../../../test/support/connection.js';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/database.js';
import { createEmptyDatabase } from '../../../../../test/support/empty-database.js';
import { eventually } from '../../../../../test/support/eventually.js';
import { thrownBy } from '../../../../../test/support/thrown.js';
import { wholeLife } from '../../../../../test/support/whole-life.js';
import { JobNotDueError, type JobReader, type JobStore, StoreUnavailableError } from '../../protocol/index.js';
import { describeJobStore } from '../../testing/index.js';
import { postgresStore } from '../index.js';
import { Database } from '../sending/database.js';
import { ignoreJob } from '../sql/ignore-job.js';
import { change, ignorable } from './operate.js';
import { registerOne } from './register.js';

/** As `alter database … set` takes them. */
type Settings = Record<string, string>;

/** Whatever the database was set to, also read only. */
async function setting<T>(database: TestDatabase, work: (pg: Client) => Promise<T>): Promise<T> {
  return withConnection(database.url, async (pg) => {
    await pg.query('set default_transaction_read_only = off');
    return work(pg);
  });
}

const set = (database: TestDatabase, settings: Settings) =>
  setting(database, async (pg) => {
    for (const [name, value] of Object.entries(settings))
      await pg.query(`alter database ${database.name} set ${name} = ${value}`);
  });
const reset = (database: TestDatabase) =>
  setting(database, (pg) => pg.query(`alter database ${database.name} reset all`));

/** Those that change how texts are read or written, and where names are looked up: all at once. */
const TEXTS: Settings = {
  DateStyle: `'SQL, DMY'`,
  TimeZone: `'Asia/Kathmandu'`,
  IntervalStyle: 'sql_standard',
  extra_float_digits: '-15',
  bytea_output: 'escape',
  standard_conforming_strings: 'off',
  search_path: `''`,
  quote_all_identifiers: 'on',
  transform_null_equals: 'on',
  xmloption: 'document',
};

describe('under all of these settings together', () => {
  let database: TestDatabase;
  let orm: MikroORM;
  let store: JobStore & JobReader;
  beforeAll(async () => {
    database = await createTestDatabase();
    await set(database, TEXTS);
    orm = await MikroORM.init({ clientUrl: database.url, entities: [], discovery: { warnWhenNoEntities: false } });
    store = postgresStore(orm, { migrations: 'check', schema: 'public', startTimeout: 10_000 });
    await store.open();
  });
  afterAll(async () => {
    await store?.close();
    await orm?.close();
    await database?.drop();
  });
  describeJobStore(
    { describe, it },
    { name: 'the PostgreSQL store', create: async () => ({ store, close: async () => {} }) },
  );
});

describe('a job has its whole life, and times are what they are, under', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => reset(database));
  afterAll(() => database?.drop());

  test.each<Settings>([
    { DateStyle: `'SQL, DMY'` },
    { DateStyle: `'SQL, MDY'` },
    { DateStyle: `'German'` },
    { DateStyle: `'Postgres, DMY'`, TimeZone: `'America/St_Johns'` },
    { DateStyle: `'ISO, YMD'`, TimeZone: `'Asia/Kathmandu'` },
    { IntervalStyle: 'iso_8601', TimeZone: `'<+1345>-13:45'` },
    { extra_float_digits: '-15' },
    { bytea_output: 'escape', standard_conforming_strings: 'off', backslash_quote: 'off' },
    { search_path: `''` },
    { default_transaction_isolation: `'repeatable read'` },
    { default_transaction_isolation: 'serializable', default_transaction_deferrable: 'on' },
    { statement_timeout: `'2s'`, lock_timeout: `'100ms'`, idle_in_transaction_session_timeout: `'100ms'` },
  ])('%o', async (settings) => {
    await set(database, settings);
    {
      await using app = await startApp({ url: database.url, tracking: { schema: 'public' } });
      await wholeLife(app.tracker, Object.values(settings).join(' '), database.sql);
    }
  });
});

describe('what is set on the database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => reset(database));
  afterAll(() => database?.drop());

  test('a statement that lock_timeout ends goes out again, until the row is free', async () => {
    await set(database, { lock_timeout: `'50ms'` });
    await using app = await startApp({ url: database.url });
    const job = { kind: 'held', id: '1' };
    await app.tracker.register(job);
    const waits = new Set<string>();
    let ignoring: Promise<unknown> = Promise.resolve();
    await withConnection(database.url, async (pg) => {
      await pg.query('begin');
      await pg.query(`select from job where kind = 'held' for update`);
      ignoring = app.tracker.ignore(job, 'no use');
      await eventually(async () => {
        const waiting = await database.sql<{ since: string }>(
          `select query_start::text as since from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`,
          [database.name],
        );
        for (const { since } of waiting) waits.add(since);
        expect(waits.size).toBeGreaterThan(1);
      });
      await pg.query('commit');
    });
    expect(await ignoring).toMatchObject({ status: 'ignored', reason: 'no use' });
  });

  test('a change that lock_timeout has ended, of a job that another changed meanwhile, is made, and not only told', async () => {
    await set(database, { lock_timeout: `'50ms'` });
    await using app = await startApp({ url: database.url });
    const job = { kind: 'changed', id: '1' };
    await app.tracker.register({ ...job, runAt: new Date(Date.now() + 3_600_000) });
    const pool = new Pool({ connectionString: database.url, max: 1 });
    const codes: string[] = [];
    await withConnection(database.url, async (pg) => {
      await pg.query('begin');
      await pg.query(`update job set updated_at = now(), priority = 9 where kind = 'changed'`);
      const others = {
        query: (statement: { text: string; values: unknown[] }) =>
          pool.query(statement).catch(async (error) => {
            codes.push(error.code);
            await pg.query('commit');
            throw error;
          }),
        end: () => pool.end(),
      };
      const db = new Database(others, { patience: 10_000, schema: undefined });
      const { changed, standing } = await change(db, ignoreJob, job, ['no use'], ignorable);
      expect([changed, standing.job?.status, standing.job?.reason]).toEqual([true, 'ignored', 'no use']);
      await db.close();
    });
    expect(codes).toEqual(['55P03']);
    expect(await app.tracker.get(job)).toMatchObject({ status: 'ignored', reason: 'no use', priority: 9 });
  });

  test('a time that never comes is a date, the furthest there is', async () => {
    await using app = await startApp({ url: database.url });
    await database.sql(
      `insert into job (kind, id, run_at) values ('never', 'due', 'infinity'), ('never', 'was', '-infinity')`,
    );
    const furthest = new Date(8.64e15);
    expect(await app.tracker.get({ kind: 'never', id: 'due' })).toMatchObject({ runAt: furthest });
    expect(await app.tracker.get({ kind: 'never', id: 'was' })).toMatchObject({ runAt: new Date(-8.64e15) });
    const error = await thrownBy(() => app.tracker.track({ kind: 'never', id: 'due' }, () => 'early'), JobNotDueError);
    expect(error.runAt).toEqual(furthest);
    expect(await app.tracker.ignore({ kind: 'never', id: 'due' }, 'no use')).toMatchObject({ status: 'ignored' });
  });

  test('a database that is read only answers what is read; a write is told that it cannot be made, with the reason', async () => {
    await using app = await startApp({ url: database.url });
    await app.tracker.register({ kind: 'read only', id: '1' });
    await set(database, { default_transaction_read_only: 'on' });
    const pool = new Pool({ connectionString: database.url, max: 1 });
    const db = new Database(pool, { patience: 0, schema: undefined });
    const job = { kind: 'read only', id: '2', data: null, dataHash: null, runAt: null, priority: 0, maxAttempts: null };
    const error = await registerOne(db, job).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error.cause).toMatchObject({ code: '25006' });
    {
      await using reader = await startApp({ url: database.url });
      expect(await reader.tracker.get({ kind: 'read only', id: '1' })).toMatchObject({ status: 'pending' });
      expect((await reader.tracker.verify()).violations).toEqual([]);
    }
    await db.close();
  });

  test('a write that came while the database was read only is made when it is not any more', async () => {
    await set(database, { default_transaction_read_only: 'on' });
    const pool = new Pool({ connectionString: database.url, max: 1 });
    const refusals: string[] = [];
    const failedOver = {
      query: (statement: { text: string; values: unknown[] }) =>
        pool.query(statement).catch(async (error) => {
          refusals.push(error.code);
          await reset(database);
          throw error;
        }),
      end: () => pool.end(),
    };
    const db = new Database(failedOver, { patience: 10_000, schema: undefined });
    const job = { kind: 'read only', id: '3', data: null, dataHash: null, runAt: null, priority: 0, maxAttempts: null };
    expect(await registerOne(db, job)).toMatchObject({ registered: true });
    expect(refusals).toEqual(['25006']);
    await db.close();
  });
});

test('apps that start together make the tables once, though a transaction keeps its first snapshot by default', async () => {
  const database = await createEmptyDatabase();
  const odd = `back\\slash's`;
  await set(database, {
    default_transaction_isolation: 'serializable',
    standard_conforming_strings: 'off',
    DateStyle: 'German',
  });
  const start = () => startApp({ url: database.url, tracking: { migrations: 'run', schema: odd } });
  const apps: TestApp[] = await Promise.all([start(), start(), start()]);
  expect(await apps[0]?.tracker.track('1', () => 'in')).toBe('in');
  for (const app of apps) await app.close();
  {
    await using again = await start();
    expect(await again.tracker.get('1')).toMatchObject({ output: 'in' });
  }
  await database.drop();
});
