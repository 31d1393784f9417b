import { globSync } from 'node:fs';
import path from 'node:path';
import { MikroORM, type Options } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startApp } from '../support/app.js';
import { withConnection } from '../support/connection.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { createEmptyDatabase } from '../support/empty-database.js';
import { allBlocks, type Block, ROOT, textOf } from './markdown.js';
import { Snippets } from './snippets.js';

/** Roles belong to the server: each run has its own, by the documented names and an end of its own. */
const OWN = `_${process.pid}`;
const own = (sql: string) => sql.replaceAll(/\bjob_(migrator|runner)\b/g, `$&${OWN}`);

const blocks = allBlocks('sql');
const ofRoles = blocks.filter(({ code }) => code.includes('job_runner'));

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

test.each(blocks.filter((block) => !ofRoles.includes(block)))('$page:$line is SQL that runs', async ({ code }) => {
  await database.sql(code);
});

describe('the documented roles', () => {
  const as = (role: string) => Object.assign(new URL(database.url), { username: own(role), password: 'secret' }).href;
  const run = (url: string, { code }: Block) => withConnection(url, (pg) => pg.query(own(code)));

  afterAll(async () => {
    for (const role of ['job_runner', 'job_migrator'])
      await database.sql(own(`drop owned by ${role} cascade; drop role ${role}`)).catch(() => {});
  });

  test('one migrates, the other runs jobs and can do no more', async () => {
    const [roles, grants] = ofRoles as [Block, Block];
    await run(database.url, roles);
    await database.sql(own(`alter role job_migrator password 'secret'; alter role job_runner password 'secret'`));
    await (await startApp({ url: as('job_migrator'), tracking: { schema: 'jobs', migrations: 'run' } })).close();
    expect(grants.words).toEqual(['as=job_migrator']);
    await run(as('job_migrator'), grants);

    await using app = await startApp({ url: as('job_runner'), tracking: { schema: 'jobs' } });
    await everyVerb(app.tracker);
    expect(await database.sql('select count(*)::int as jobs from public.job')).toEqual([{ jobs: 0 }]);
    for (const forbidden of [
      'alter table jobs.job add column x int',
      'drop table jobs.job',
      'truncate jobs.job',
      'create table jobs.x ()',
    ])
      await expect(withConnection(as('job_runner'), (pg) => pg.query(forbidden))).rejects.toThrow(
        /permission denied|must be owner/,
      );
  });

  async function everyVerb(tracker: Awaited<ReturnType<typeof startApp>>['tracker']): Promise<void> {
    const fail = () => {
      throw new Error('no');
    };
    await tracker.registerMany(['1', '2', '3'].map((id) => ({ kind: 'k', id })));
    const consumer = tracker.consume('k', () => 'done');
    await consumer.drain();
    expect(consumer.counts.succeeded).toBe(3);
    for (const id of ['4', '5', '6']) await tracker.settle({ kind: 'k', id }, fail);
    await tracker.settle({ kind: 'k', id: '4' }, async (run) => {
      await run.checkpoint(1);
      await run.assertHeld();
      await tracker.release({ kind: 'k', id: '4' });
    });
    expect(await tracker.attempts({ kind: 'k', id: '4' })).toHaveLength(2);
    await tracker.retry({ kind: 'k', id: '5' });
    await tracker.ignore({ kind: 'k', id: '6' }, 'no');
    await tracker.remove({ kind: 'k', id: '4' });
    expect(await tracker.summary()).toMatchObject({ k: { succeeded: 3, pending: 1, ignored: 1 } });
    expect((await tracker.list({ kind: 'k', limit: 2 })).items).toHaveLength(2);
    expect(await tracker.retryMany({ kind: 'k', status: 'ignored' })).toBe(1);
    expect(await tracker.ignoreMany({ kind: 'k' }, 'no')).toBe(2);
    expect(await tracker.removeMany({ kind: 'k' })).toBe(5);
  }
});

describe('the second road of the migrations', () => {
  const snippets = new Snippets('operations');
  afterAll(() => snippets.remove());

  // By files in the migrations folder: test/package.spec.ts, with MikroORM's command line.
  test("a list with ours in it makes our tables, MikroORM's schema update leaves them, and 'check' is content", async () => {
    const empty = await createEmptyDatabase();
    vi.stubEnv('DATABASE_URL', empty.url);
    const { default: config } = await snippets.load('docs/operations.md', 'mikro-orm.config.ts');
    vi.unstubAllEnvs();
    const { migrations } = await snippets.load('docs/operations.md', 'listed-migrations.ts');
    const noEntities = { entities: [], entitiesTs: [], discovery: { warnWhenNoEntities: false } };
    const orm = await MikroORM.init({
      ...(config as Options),
      ...noEntities,
      migrations: { ...migrations, snapshot: false },
      logger: () => {},
    });
    try {
      await orm.migrator.up();
      expect(await orm.schema.getUpdateSchemaSQL()).not.toMatch(/job/);
    } finally {
      await orm.close();
    }
    const app = await startApp({ url: empty.url, tracking: { migrations: 'check' } });
    expect(await app.tracker.track('1', () => 'done')).toBe('done');
    await app.close();
    await empty.drop();
  });
});

describe('the third road of the migrations', () => {
  test("the package's SQL files make our tables in the schema that comes first in search_path, and 'check' is content", async () => {
    const files = globSync('libs/job-tracking/migrations/*.sql', { cwd: ROOT }).sort();
    expect(textOf('docs/operations.md')).toContain(`migrations/${path.basename(files[0] ?? '')}`);
    await database.sql('create schema plain');
    await withConnection(database.url, async (pg) => {
      await pg.query('set search_path = plain');
      for (const file of files) await pg.query(textOf(file));
    });
    await using app = await startApp({ url: database.url, tracking: { schema: 'plain', migrations: 'check' } });
    expect(await app.tracker.track('1', () => 'done')).toBe('done');
  });
});
