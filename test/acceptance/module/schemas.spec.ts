import { EntityManager } from '@mikro-orm/postgresql';
import { Job, JobAttempt } from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../../support/app.js';
import type { TestDatabase } from '../../support/database.js';
import { createEmptyDatabase } from '../../support/empty-database.js';
import { dumpSchema } from '../../support/schema-dump.js';
import { thrownBy } from '../../support/thrown.js';

describe('tables in a schema of their own', () => {
  const ODD = 'Jobs "of" the shop';
  let database: TestDatabase;
  let apps: Record<'own' | 'odd', TestApp>;
  beforeAll(async () => {
    database = await createEmptyDatabase();
    const url = database.url;
    apps = {
      own: await startApp({ url, tracking: { schema: 'jobs', migrations: 'run', worker: 'own' } }),
      odd: await startApp({ url, tracking: { schema: ODD, migrations: 'run', worker: 'odd' } }),
    };
  });
  afterAll(async () => {
    await Promise.all(Object.values(apps ?? {}).map((app) => app.close()));
    await database?.drop();
  });

  test('two apps in one process keep theirs apart, entities too', async () => {
    for (const [name, { tracker, nest }] of Object.entries(apps)) {
      await tracker.settle({ kind: 'both', id: '1' }, () => Promise.reject(new Error(name)));
      await tracker.track({ kind: 'both', id: '1' }, () => name);
      const em = nest.get(EntityManager).fork();
      expect(await em.find(Job, {})).toMatchObject([{ kind: 'both', output: name, worker: name }]);
      const attempts = await em.find(JobAttempt, { kind: 'both' }, { orderBy: { claim: 'asc' } });
      expect(attempts).toMatchObject([
        { claim: 1, outcome: 'failed', error: { message: name } },
        { claim: 2, outcome: 'succeeded' },
      ]);
    }
  });

  test('every verb finds them there', async () => {
    const { tracker } = apps.odd;
    await tracker.registerMany(['a', 'b', 'c'].map((id) => ({ kind: 'verbs', id })));
    await tracker.consume('verbs', () => 1).drain();
    expect(await tracker.summary('verbs')).toMatchObject({ verbs: { succeeded: 3 } });
    expect((await tracker.list({ kind: 'verbs' })).items).toHaveLength(3);
    expect(await tracker.retryMany({ kind: 'verbs' }, { rerun: true })).toBe(3);
    await tracker.ignore({ kind: 'verbs', id: 'a' }, 'no');
    await tracker.remove({ kind: 'verbs', id: 'a' });
    expect(await tracker.attempts({ kind: 'verbs', id: 'b' })).toHaveLength(1);
    expect(await tracker.removeMany({ kind: 'verbs' })).toBe(2);
  });

  test('nothing of ours stands anywhere else', async () => {
    expect(await dumpSchema(database.sql)).toBe('\n');
    const schemas = await database.sql(
      `select distinct schemaname as name from pg_tables where tablename = 'job' order by 1`,
    );
    expect(schemas).toEqual([{ name: ODD }, { name: 'jobs' }]);
  });
});

test('a schema that is missing is named at start, where migrations are only checked', async () => {
  const database = await createEmptyDatabase();
  const starting = startApp({ url: database.url, tracking: { schema: 'nowhere' } });
  const error = await thrownBy(() => starting);
  expect(error.message).toMatch(/not up to date in schema nowhere; missing: job-tracking-0001-jobs/);
  await database.drop();
});
