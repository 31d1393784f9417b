// The three roads to our tables end in one schema, which stands in schema.txt: whoever changes it shows a reviewable diff.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { MikroORM } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig } from '@mikro-orm/postgresql';
import { jobTrackingMigrations, jobTrackingTables } from 'nestjs-job-tracking';
import { afterAll, expect, test } from 'vitest';
import { startApp } from '../support/app.js';
import { withConnection } from '../support/connection.js';
import type { TestDatabase } from '../support/database.js';
import { createEmptyDatabase } from '../support/empty-database.js';
import { dumpSchema } from '../support/schema-dump.js';

const MIGRATIONS = path.resolve(import.meta.dirname, '../../libs/job-tracking/migrations');
const opened: TestDatabase[] = [];
afterAll(() => Promise.all(opened.map((database) => database.drop())));

const roads: [road: string, travel: (url: string) => Promise<void>][] = [
  [
    'migrations: run',
    async (url) => {
      await using _app = await startApp({ url, tracking: { migrations: 'run' } });
    },
  ],
  [
    'MikroORM’s own migrator',
    async (url) => {
      const orm = await MikroORM.init(
        defineConfig({
          clientUrl: url,
          entities: [],
          discovery: { warnWhenNoEntities: false },
          extensions: [Migrator],
          logger: () => {},
          migrations: { migrationsList: jobTrackingMigrations, snapshot: false, tableName: 'app_migrations' },
        }),
      );
      await (orm as unknown as { migrator: Migrator }).migrator.up();
      await orm.close();
    },
  ],
  [
    'the plain SQL files, in the order of their names',
    async (url) => {
      for (const file of (await readdir(MIGRATIONS)).sort()) {
        const text = await readFile(path.join(MIGRATIONS, file), 'utf8');
        await withConnection(url, (pg) => pg.query(text));
      }
    },
  ],
];

test.each(roads)('%s', async (_, travel) => {
  const database = await createEmptyDatabase();
  opened.push(database);
  await travel(database.url);
  await database.sql('drop table if exists app_migrations');
  await expect(await dumpSchema(database.sql)).toMatchFileSnapshot('schema.txt');
  expect(await database.sql('select version, name from job_migration order by version')).toEqual(
    jobTrackingMigrations.map(({ name }, i) => ({ version: i + 1, name })),
  );
  // Whoever made them, an app finds them complete, and has nothing left to run.
  for (const migrations of ['check', 'run'] as const) {
    await using app = await startApp({ url: database.url, tracking: { migrations } });
    expect(await app.tracker.track(migrations, () => 'works')).toBe('works');
  }
});

test('jobTrackingTables names everything that is made', async () => {
  const [database] = opened;
  const made = await database?.sql<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v') order by 1`,
  );
  expect(made?.map(({ name }) => name)).toEqual(jobTrackingTables.toSorted());
});
