import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { InvalidOptionsError, jobTrackingMigrations } from 'nestjs-job-tracking';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startApp } from '../../support/app.js';
import type { TestDatabase } from '../../support/database.js';
import { createEmptyDatabase } from '../../support/empty-database.js';
import { dumpSchema } from '../../support/schema-dump.js';
import { thrownBy } from '../../support/thrown.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(() => database.drop());

describe('check', () => {
  test.each<[what: string, before: string]>([
    ['empty', 'select 1'],
    ['of other tables', 'create table job_application (id int)'],
    [
      'whose versions were deleted',
      'create table job_migration (version int primary key, name text, applied_at timestamptz)',
    ],
  ])('fails the start on a database that is %s, naming what is missing and every way to mend it', async (_, before) => {
    await database.sql(before);
    const left = await dumpSchema(database.sql);
    const error = await thrownBy(() => startApp({ url: database.url }), InvalidOptionsError);
    expect(error.message).toContain('missing: job-tracking-0001-jobs');
    for (const way of ['extends JobTracking0001Jobs', 'migrations/*.sql', "migrations: 'run'"])
      expect(error.message).toContain(way);
    expect(await dumpSchema(database.sql)).toBe(left);
  });

  test('is what happens unless run is asked for', async () => {
    await (await startApp({ url: database.url, tracking: { migrations: 'run' } })).close();
    await using app = await startApp({ url: database.url, tracking: { migrations: 'check' } });
    expect(await app.tracker.track('1', () => 'works')).toBe('works');
  });
});

describe('run', () => {
  test('by five apps at once: one runs them, the others wait and find nothing left to do', async () => {
    const start = () => startApp({ url: database.url, tracking: { migrations: 'run' } });
    const apps = await Promise.all(Array.from({ length: 5 }, start));
    const kept = await Promise.all(apps.map((app, i) => app.tracker.track(`${i}`, () => i)));
    expect(kept).toEqual([0, 1, 2, 3, 4]);
    expect(await database.sql('select version from job_migration')).toEqual([{ version: 1 }]);
    await Promise.all(apps.map((app) => app.close()));
  });

  test('leaves the jobs that are there as they are', async () => {
    const run = () => startApp({ url: database.url, tracking: { migrations: 'run' } });
    const first = await run();
    await first.tracker.track('kept', () => 'output');
    await first.close();
    await using again = await run();
    expect(await again.tracker.get('kept')).toMatchObject({ status: 'succeeded', output: 'output' });
  });

  test('once the app’s own migrator runs them instead, it finds them applied, and records them as its own', async () => {
    await (await startApp({ url: database.url, tracking: { migrations: 'run' } })).close();
    const schema = await dumpSchema(database.sql);
    const orm = { extensions: [Migrator], migrations: { migrationsList: jobTrackingMigrations, snapshot: false } };
    await using app = await startApp({ url: database.url, orm });
    await app.nest.get(MikroORM).migrator.up();
    await app.nest.get(MikroORM).migrator.up();
    expect(await database.sql('select name from mikro_orm_migrations')).toEqual([{ name: 'job-tracking-0001-jobs' }]);
    await database.sql('drop table mikro_orm_migrations');
    expect(await dumpSchema(database.sql)).toBe(schema);
  });

  test('that breaks in the middle leaves nothing', async () => {
    await database.sql('create view job_attempt as select 1 as taken');
    await thrownBy(() => startApp({ url: database.url, tracking: { migrations: 'run' } }));
    expect(await database.sql(`select tablename from pg_tables where schemaname = 'public'`)).toEqual([]);
  });
});
