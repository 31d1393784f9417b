// How the tracker connects: as the app does, with connections of its own.
import { EntityManager } from '@mikro-orm/postgresql';
import { PostgresDialect } from 'kysely';
import { StoreUnavailableError } from 'nestjs-job-tracking';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp } from '../../support/app.js';
import { withConnection } from '../../support/connection.js';
import { createTestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { migrateTemplate } from '../../support/migrate-template.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { thrownBy } from '../../support/thrown.js';

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

test('a Kysely dialect of the app’s own is used as it is', async () => {
  const database = await createTestDatabase();
  const pool = new Pool({ connectionString: database.url, max: 3 });
  const driverOptions = new PostgresDialect({ pool });
  {
    await using app = await startApp({ url: database.url, orm: { driverOptions } });
    const { tracker } = app;
    await tracker.registerMany(['1', '2'].map((id) => ({ kind: 'dialect', id, data: { id } })));
    await tracker.settle({ kind: 'dialect', id: '1' }, () => Promise.reject(new Error('boom')), { backoff: 0 });
    await tracker.consume('dialect', (run) => run.job.data).drain();
    const job = await tracker.get({ kind: 'dialect', id: '1' });
    expect(job).toMatchObject({ status: 'succeeded', claims: 2, output: { id: '1' }, createdAt: expect.any(Date) });
    expect(await tracker.attempts({ kind: 'dialect', id: '1' })).toMatchObject([
      { startedAt: expect.any(Date) },
      { claim: 2 },
    ]);
    expect(await tracker.retryMany({ kind: 'dialect' }, { rerun: true })).toBe(2);
    expect(await tracker.removeMany({ kind: 'dialect' })).toBe(2);
  }
  await pool.end().catch(() => {}); // the app has ended it already
  await database.drop();
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
      expect(await app.tracker.track('1', () => app.tracker.track('2', () => 'inner'))).toBe('inner');
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

test('a database that comes late is waited for', async () => {
  const server = await startTestServer();
  await migrateTemplate(server.url());
  await server.stop('fast');
  const starting = startApp({ url: server.url(), tracking: { startTimeout: '20s' } });
  const [app] = await Promise.all([starting, server.start()]);
  expect(await app.tracker.track('1', () => 'in')).toBe('in');
  await app.close();
  await server.remove();
});
