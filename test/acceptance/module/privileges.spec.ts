// Least privilege: one role migrates, another runs, each with no more than it needs.
import { randomBytes } from 'node:crypto';
import { EntityManager } from '@mikro-orm/postgresql';
import { Job, JobAttempt } from 'nestjs-job-tracking';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../../support/app.js';
import type { TestDatabase } from '../../support/database.js';
import { createEmptyDatabase } from '../../support/empty-database.js';
import { holdRun } from '../../support/held-run.js';
import { expireLease } from '../../support/job-rows.js';
import { thrownBy } from '../../support/thrown.js';

const suffix = randomBytes(4).toString('hex');
const MIGRATES = `job_migrates_${suffix}`;
const RUNS = `job_runs_${suffix}`;
const PASSWORD = 'a pass:word/@?';

let database: TestDatabase;
let app: TestApp;
const urlAs = (role: string) => Object.assign(new URL(database.url), { username: role, password: PASSWORD }).href;

beforeAll(async () => {
  database = await createEmptyDatabase();
  for (const role of [MIGRATES, RUNS]) await database.sql(`create role ${role} login password '${PASSWORD}'`);
  await database.sql(`grant usage, create on schema public to ${MIGRATES}`);
  await (await startApp({ url: urlAs(MIGRATES), tracking: { migrations: 'run' } })).close();
  for (const grant of [
    `grant usage on schema public to ${RUNS}`,
    `grant select, insert, update, delete on job, job_past_attempt to ${RUNS}`,
    `grant select on job_attempt, job_migration to ${RUNS}`,
  ])
    await database.sql(grant);
  app = await startApp({ url: urlAs(RUNS), tracking: { grace: 50 } });
});
afterAll(async () => {
  await app?.close();
  await database.sql(`drop owned by ${MIGRATES}, ${RUNS}`);
  await database.sql(`drop role ${MIGRATES}, ${RUNS}`);
  await database.drop();
});

test('the running role does everything that a service does', async () => {
  const { tracker } = app;
  const job = (id: string) => ({ kind: 'granted', id });
  await tracker.registerMany(['1', '2', '3', '4'].map(job));
  await tracker.settle(job('1'), () => Promise.reject(new Error('boom')));
  await tracker.track(job('1'), async (run) => {
    await run.checkpoint('half');
    await run.assertHeld();
  });
  await holdRun(tracker, job('2'));
  await expireLease(database.sql, job('2'));
  await tracker.consume('granted', () => 1).drain();
  await tracker.register(job('5'));
  await tracker.ignore(job('5'), 'no');
  await tracker.retryMany({ kind: 'granted' }, { rerun: true });
  await tracker.ignoreMany({ kind: 'granted', ids: ['3'] }, 'no');
  const held = await holdRun(tracker, job('4'), { onDuplicate: 'rerun' });
  await tracker.release(job('4'));
  await held.succeed();
  expect((await tracker.list({ kind: 'granted' })).items).toHaveLength(5);
  expect(await tracker.attempts(job('2'))).toMatchObject([{ outcome: 'crashed' }, { outcome: 'succeeded' }]);
  expect(await tracker.summary('granted')).toMatchObject({ granted: { pending: 4, ignored: 1 } });
  const em = app.nest.get(EntityManager).fork();
  expect([await em.count(Job), await em.count(JobAttempt)]).toEqual([5, expect.any(Number)]);
  await tracker.remove(job('1'));
  expect(await tracker.removeMany({ kind: 'granted' })).toBe(4);
});

test('it can neither change the tables nor make any', async () => {
  for (const statement of [
    'alter table job add column x int',
    'drop table job',
    'truncate job',
    'create table mine (id int)',
    'delete from job_migration',
  ]) {
    const refused = app.nest.get(EntityManager).fork().getConnection().execute(statement);
    expect((await thrownBy(() => refused)).message).toMatch(/permission denied|must be owner/);
  }
});

test('what the migrating role made it owns', async () => {
  const owners = await database.sql(`select distinct tableowner from pg_tables where schemaname = 'public'`);
  expect(owners).toEqual([{ tableowner: MIGRATES }]);
});
