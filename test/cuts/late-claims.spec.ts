import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { holdRun } from '../support/held-run.js';
import { brokenHistory } from '../support/history.js';
import { settlePersistently } from '../support/persistence.js';
import { STATEMENTS } from '../support/statements.js';

const POLICY = { lease: 600, maxAttempts: 9 };

let database: TestDatabase;
let proxy: FaultProxy;
/** An app that the network can part from the database. */
let cutOff: TestApp;
let others: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startFaultProxy(database.url);
  cutOff = await startApp({ url: proxy.url, tracking: { worker: 'cut off', grace: 0 } });
  others = await startApp({ url: database.url, tracking: { worker: 'others' } });
});
afterAll(async () => {
  expect(await brokenHistory(database.sql)).toEqual([]);
  await Promise.all([cutOff?.close(), others?.close()]);
  await proxy?.[Symbol.asyncDispose]();
  await database?.drop();
});

it('a claim that reaches the database once more, when what it was granted and another’s grant have ended, grants nothing', async () => {
  const job = { kind: 'late', id: '1' };
  const fail = () => Promise.reject(new Error('as planned'));
  await others.tracker.settle(job, fail, POLICY);
  const spoiling = proxy.spoil(STATEMENTS.claimAgain, 'late');
  const stale = await holdRun(cutOff.tracker, job, POLICY);
  expect([stale.run.job.claims, spoiling.met]).toEqual([2, 1]);

  proxy.cutOff();
  expect(await settlePersistently(others.tracker, job, fail, POLICY)).toMatchObject({ status: 'failed', claim: 3 });
  await spoiling.deliver();
  expect(await others.tracker.get(job)).toMatchObject({ status: 'failed', claims: 3, crashes: 1 });

  // With a grant of its own token, its outcome would be taken for that grant's.
  proxy.restore();
  expect(await stale.succeed('stale')).toMatchObject({ status: 'lost' });
  expect(await others.tracker.get(job)).toMatchObject({ status: 'failed', claims: 3, output: null });
});
