// A handler that gives the event loop nothing: no renewal goes out, no timer fires, and nobody can tell it so.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { brokenHistory } from '../support/history.js';
import { settlePersistently } from '../support/persistence.js';
import { startWorker, type Worker } from '../support/worker.js';

const POLICY = { lease: 500 };
const KIND = 'blocked';

let database: TestDatabase;
let app: TestApp;
let worker: Worker;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startApp({ url: database.url, tracking: { worker: 'successor' } });
  worker = await startWorker({ url: database.url, tracking: { worker: 'blocked' } });
});
afterAll(async () => {
  await worker?.kill();
  await app?.close();
  await database?.drop();
});

it.each(['busy', 'waiting'] as const)(
  'a handler that is %s past its lease is refused at its outcome: its successor’s stands',
  async (handler) => {
    const job = { kind: KIND, id: handler };
    const stale = worker.settle(job, handler, POLICY);
    await worker.seen('running', handler);
    const successor = await settlePersistently(app.tracker, job, () => 'the successor', POLICY);
    expect(successor).toMatchObject({ status: 'succeeded', claim: 2 });
    expect(await stale).toMatchObject({ status: 'lost', error: 'LEASE_LOST' });
    expect(await app.tracker.get(job)).toMatchObject({ status: 'succeeded', output: 'the successor', crashes: 0 });
    expect(await app.tracker.attempts(job)).toMatchObject([
      { claim: 1, worker: 'blocked', outcome: 'crashed' },
      { claim: 2, worker: 'successor', outcome: 'succeeded' },
    ]);
    expect(await brokenHistory(database.sql)).toEqual([]);
  },
);
