import { defineEntity, MikroORM, p } from '@mikro-orm/postgresql';
import { Job, JobAttempt, jobTrackingTables } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { startApp } from '../../support/app.js';
import { createTestDatabase } from '../../support/database.js';
import { createEmptyDatabase } from '../../support/empty-database.js';
import { dumpSchema } from '../../support/schema-dump.js';

const Note = defineEntity({ name: 'Note', properties: { id: p.integer().primary(), text: p.text() } });

describe.each<[what: string, entities: unknown[]]>([
  ['that knows nothing of our entities', [Note]],
  ['that lists them', [Note, Job, JobAttempt]],
])('a schema update of an app %s', (_, entities) => {
  test.each([undefined, 'jobs'])(
    'makes the app’s own tables, and drops and alters none of ours (schema: %s)',
    async (schema) => {
      const database = await (schema ? createEmptyDatabase() : createTestDatabase());
      const orm = { entities: entities as never[] };
      await using app = await startApp({
        url: database.url,
        orm,
        tracking: { migrations: 'run', ...(schema && { schema }) },
      });
      await database.sql(`create index mine on ${schema ?? 'public'}.job (worker)`);
      const before = await dumpSchema(database.sql, schema);
      const { schema: generator } = app.nest.get(MikroORM);
      const planned = await generator.getUpdateSchemaSQL();
      expect(planned).toContain('create table "note"');
      for (const table of jobTrackingTables) expect(planned).not.toContain(`"${table}"`);
      await generator.update();
      await database.sql('drop table note');
      expect(await dumpSchema(database.sql, schema)).toBe(before);
      await app.close();
      await database.drop();
    },
  );
});

test('the app’s own lists of tables to skip stay as they are, also where they are ours', async () => {
  const database = await createTestDatabase();
  const skipTables = ['legacy'];
  for (const lists of [{ skipTables }, { skipTables: jobTrackingTables, skipViews: jobTrackingTables }]) {
    await using app = await startApp({ url: database.url, orm: { schemaGenerator: lists } });
    const skipped = app.nest.get(MikroORM).config.get('schemaGenerator').skipTables;
    expect(skipped).toEqual(expect.arrayContaining([...lists.skipTables, ...jobTrackingTables]));
  }
  expect(skipTables).toEqual(['legacy']);
  expect(jobTrackingTables).toEqual(['job', 'job_past_attempt', 'job_attempt', 'job_migration']);
  await database.drop();
});
