// How the tracker connects: as the app does, with connections of its own.
import { EntityManager } from '@mikro-orm/postgresql';
import { Kysely, PostgresDialect } from 'kysely';
import { StoreUnavailableError } from 'nestjs-job-tracking';
import { type CustomTypesConfig, Pool, type PoolConfig } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../../support/app.js';
import { urlOf, withConnection } from '../../support/connection.js';
import { createTestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { migrateTemplate } from '../../support/migrate-template.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { thrownBy } from '../../support/thrown.js';
import { wholeLife } from '../../support/whole-life.js';

describe('a server that asks for a password (SCRAM)', () => {
  let server: TestServer;
  const urlWith = (password: string) => Object.assign(new URL(server.url()), { username: 'shop', password }).href;
  beforeAll(async () => {
    server = await startTestServer();
    await migrateTemplate(server.url());
    await withConnection(server.url(), async (pg) => {
      await pg.query(`set password_encryption = 'scram-sha-256'`);
      await pg.query(`create role shop login superuser password 'pass word/@:?'`);
      const { rows } = await pg.query('show hba_file');
      const rules = `'host all shop all scram-sha-256', 'host all all all trust'`;
      await pg.query(`copy (select unnest(array[${rules}])) to '${rows[0].hba_file}'`);
      await pg.query('select pg_reload_conf()');
    });
  });
  afterAll(() => server?.remove());

  test('is answered by the app’s own', async () => {
    await using app = await startApp({ url: urlWith('pass word/@:?') });
    expect(await app.tracker.track('1', () => 'in')).toBe('in');
  });

  test('one that is wrong fails the start at once, in the server’s words', async () => {
    const error = await thrownBy(() => startApp({ url: urlWith('wrong') }));
    expect(error.message).toContain('password authentication failed for user "shop"');
  });
});

describe('a driver of the app’s own is used, and its rows are read, whatever its parsers make of them:', () => {
  const texts = { getTypeParser: () => (value: unknown) => value } as unknown as CustomTypesConfig;
  const dialectOn = (config: PoolConfig) => new PostgresDialect({ pool: new Pool({ max: 3, ...config }) });
  test.each<[how: string, driverOptions: (config: PoolConfig) => unknown]>([
    ['a dialect, with the parsers of pg', dialectOn],
    ['a dialect that hands over texts alone', (config) => dialectOn({ ...config, types: texts })],
    ['a Kysely', (config) => new Kysely({ dialect: dialectOn(config) })],
    ['a function that makes a dialect', (config) => () => dialectOn(config)],
  ])('%s', async (_, driverOptions) => {
    const database = await createTestDatabase();
    const orm = { driverOptions: driverOptions({ connectionString: database.url, application_name: 'of the app' }) };
    {
      await using app = await startApp({ url: database.url, orm: orm as never });
      await wholeLife(app.tracker, 'dialect', database.sql);
      const connected = await database.sql<{ name: string }>(
        `select distinct application_name as name from pg_stat_activity where datname = $1 and application_name <> ''`,
        [database.name],
      );
      expect(connected).toEqual([{ name: 'of the app' }]);
    }
    await database.drop();
  });
});

test('connections are its own, and go with the app: one whose pool is used up goes on tracking', async () => {
  const database = await createTestDatabase();
  const connected = () =>
    database.sql(`select 1 from pg_stat_activity where datname = $1 and application_name = 'job-tracking'`, [
      database.name,
    ]);
  {
    await using app = await startApp({ url: database.url, orm: { pool: { max: 1 } } });
    const em = app.nest.get(EntityManager).fork();
    await em.transactional(async (tx) => {
      await tx.execute('select 1');
      const nested = () => app.tracker.track('2', () => 'inner');
      expect(await app.tracker.track('1', nested, { insideTransaction: 'apart' })).toBe('inner');
    });
    expect((await connected()).length).toBeGreaterThan(0);
  }
  await eventually(async () => expect(await connected()).toEqual([]));
  await database.drop();
});

test('without a database the start fails in time, plainly, with the cause', async () => {
  const began = performance.now();
  const starting = startApp({ url: 'postgresql://nobody@127.0.0.1:1/nowhere', tracking: { startTimeout: 300 } });
  const error = await thrownBy(() => starting, StoreUnavailableError);
  expect(error.message).toBe('the database could not be reached within startTimeout (300 ms)');
  expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
  expect(performance.now() - began).toBeLessThan(3_000);
});

describe('a database that comes late is waited for', () => {
  let server: TestServer;
  let apps: Record<'plain' | 'dialect' | 'missing', TestApp>;
  const urlOfDialect = () => urlOf(server.url(), 'dialect');
  beforeAll(async () => {
    server = await startTestServer();
    await migrateTemplate(server.url());
    await withConnection(server.url(), (pg) => pg.query('create database dialect'));
    await migrateTemplate(urlOfDialect());
    await server.stop('fast');
    const driverOptions = new PostgresDialect({ pool: new Pool({ connectionString: urlOfDialect() }) });
    const starting = Promise.all([
      startApp({ url: server.url(), tracking: { startTimeout: '20s' } }),
      startApp({ url: urlOfDialect(), tracking: { startTimeout: '20s' }, orm: { driverOptions } }),
      startApp({ url: urlOf(server.url(), 'missing'), tracking: { startTimeout: '20s', migrations: 'run' } }),
    ]);
    const [[plain, dialect, missing]] = await Promise.all([starting, server.start()]);
    apps = { plain, dialect, missing };
  });
  afterAll(async () => {
    await Promise.all(Object.values(apps ?? {}).map((app) => app.close()));
    await server?.remove();
  });
  const lives = (app: TestApp, url: string) =>
    withConnection(url, (pg) =>
      wholeLife(app.tracker, 'late', async (text, values) => (await pg.query(text, values)).rows),
    );
  /** How many connections of the tracker's own this database has. */
  const connections = async (url: string) =>
    withConnection(url, async (pg) => {
      const { rows } = await pg.query(`select count(*) filter (where application_name = 'job-tracking')::int as own
        from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`);
      return rows[0].own as number;
    });

  test('and the tracker has connections of its own all the same, though the app could not connect at first', async () => {
    await lives(apps.plain, server.url());
    expect(await connections(server.url())).toBeGreaterThan(0);
  });

  test('by an app with a driver of its own, too', async () => {
    await lives(apps.dialect, urlOfDialect());
    expect(await connections(urlOfDialect())).toBe(0);
  });

  test('and one that is missing is made then, as MikroORM makes it', async () => {
    await lives(apps.missing, urlOf(server.url(), 'missing'));
    expect(await connections(urlOf(server.url(), 'missing'))).toBeGreaterThan(0);
  });
});
