import { type JobRun, type JobTrackerService } from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { blocksOf, column, tableOf } from './markdown.js';

const PAGE = 'docs/state-machine.md';

let database: TestDatabase;
let app: TestApp;
let tracker: JobTrackerService;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startApp({ url: database.url });
  tracker = app.tracker;
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
});

describe('the tables are as documented', () => {
  test.each(['job', 'job_past_attempt'])('the columns of %s', async (table) => {
    const columns = await database.sql(
      `select column_name as "column", data_type as type, case is_nullable when 'YES' then 'yes' else 'no' end as "null"
       from information_schema.columns where table_name = $1 order by ordinal_position`,
      [table],
    );
    expect(tableOf(PAGE, table).map(({ column, type, null: nullable }) => ({ column, type, null: nullable }))).toEqual(
      columns,
    );
  });

  test('the constraints', async () => {
    const constraints = await database.sql<{ name: string }>(
      `select conname as name from pg_constraint where contype = 'c' and conrelid in ('job'::regclass, 'job_past_attempt'::regclass)`,
    );
    expect(column(tableOf(PAGE, 'Constraints'), 'constraint').sort()).toEqual(
      constraints.map(({ name }) => name).sort(),
    );
  });

  test('the indexes', async () => {
    const indexes = await database.sql<{ name: string }>(
      `select indexname as name from pg_indexes where tablename in ('job', 'job_past_attempt')`,
    );
    expect(column(tableOf(PAGE, 'Indexes'), 'index').sort()).toEqual(indexes.map(({ name }) => name).sort());
  });
});

describe('the diagram', () => {
  /** 'pending --> in_progress', a start and an end as '[*]'. */
  const [diagram] = blocksOf(PAGE).filter(({ language }) => language === 'mermaid');
  const arrows = [...(diagram?.code ?? '').matchAll(/^ *(\S+ --> \S+): /gm)].map(([, arrow]) => arrow);

  beforeAll(async () => {
    await database.sql(`create table seen (arrow text primary key);
      create function see() returns trigger language plpgsql as $$ begin
        insert into seen values (coalesce(old.status, '[*]') || ' --> ' || coalesce(new.status, '[*]')) on conflict do nothing;
        return null;
      end $$;
      create trigger see after insert or update or delete on job for each row execute function see()`);
  });

  test('shows every change of status that jobs go through, and no other', async () => {
    await everyLife();
    const seen = await database.sql<{ arrow: string }>('select arrow from seen');
    expect([...new Set(arrows)].sort()).toEqual(seen.map(({ arrow }) => arrow).sort());
  });

  const job = (id: string) => ({ kind: 'life', id });
  const fail = () => {
    throw new Error('no');
  };

  async function everyLife(): Promise<void> {
    const made = {
      succeeded: (id: string) => tracker.track(job(id), () => 1),
      failed: (id: string) => tracker.settle(job(id), fail),
      ignored: (id: string) => tracker.settle(job(id), fail, { maxAttempts: 1 }),
      pending: (id: string) => tracker.register({ ...job(id), runAt: new Date(Date.now() + 60_000) }),
    };
    for (const [status, make] of Object.entries(made)) {
      await make(`${status} to retry`);
      await tracker.retry(job(`${status} to retry`), { rerun: true });
      await tracker.track(job(`${status} to retry`), () => 1);
      await make(`${status} to ignore`);
      await tracker.ignore(job(`${status} to ignore`), 'no').catch(() => {});
      await make(`${status} to remove`);
      await tracker.remove(job(`${status} to remove`));
      await make(`${status} to run`);
      await tracker.settle(job(`${status} to run`), () => 1, { onDuplicate: 'rerun' });
    }
    await tracker.settle(job('snoozed'), (run: JobRun) => run.snooze(0));
    await tracker.track(job('snoozed'), () => 1);
    await dying('taken over', 2);
    await dying('died', 1);
    await tracker.track(job('released'), () => tracker.release(job('released'))).catch(() => {});
  }

  /** A run whose lease is over, and the call that finds it so. */
  async function dying(id: string, maxCrashes: number): Promise<void> {
    const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const work = () => {
      begun.resolve();
      return over.promise;
    };
    const late = tracker.settle(job(id), work);
    await begun.promise;
    await database.sql(`update job set expires_at = now() - interval '1 s' where id = $1`, [id]);
    await tracker.settle(job(id), () => 1, { maxCrashes });
    over.resolve();
    expect(await late).toMatchObject({ status: 'lost' });
  }
});
