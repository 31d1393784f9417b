import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { holdRun } from '../support/held-run.js';
import { STATEMENTS } from '../support/statements.js';

let database: TestDatabase;
let proxy: FaultProxy;
let app: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startFaultProxy(database.url);
  app = await startApp({ url: proxy.url });
});
afterAll(async () => {
  await app?.close();
  await proxy?.[Symbol.asyncDispose]();
  await database?.drop();
});

it('a checkpoint that reaches the database once more, when a later one stands there, does not bring the older state back', async () => {
  const job = { kind: 'late', id: '1' };
  const first = await holdRun(app.tracker, job);
  await first.run.checkpoint({ offset: 0 });
  const spoiling = proxy.spoil(STATEMENTS.checkpoint, 'late');
  await first.run.checkpoint({ offset: 7 });
  await first.run.checkpoint({ offset: 14 });
  expect(spoiling.met).toBe(1);
  await spoiling.deliver();
  await first.fail(new Error('as planned'));

  const second = await holdRun(app.tracker, job);
  expect(second.run.job.checkpoint).toEqual({ offset: 14 });
  await second.run.checkpoint({ offset: 21 });
  expect(await app.tracker.get(job)).toMatchObject({ checkpoint: { offset: 21 } });
  await second.succeed();
});

it('of checkpoints that are written at once, the last one that was asked for stands', async () => {
  const job = { kind: 'at once', id: '1' };
  const { run, succeed } = await holdRun(app.tracker, job);
  const spoiling = proxy.spoil(STATEMENTS.checkpoint, 'request lost');
  await Promise.all([1, 2, 3].map((step) => run.checkpoint({ step })));
  expect(spoiling.met).toBe(1);
  expect(await app.tracker.get(job)).toMatchObject({ checkpoint: { step: 3 } });
  await succeed();
});
