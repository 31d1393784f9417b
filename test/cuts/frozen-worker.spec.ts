import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { brokenHistory } from '../support/history.js';
import { settlePersistently } from '../support/persistence.js';
import { startWorker, type Worker } from '../support/worker.js';

const POLICY = { lease: 500 };
const KIND = 'frozen';

describe('a worker that was stopped (SIGSTOP) past its lease and goes on (SIGCONT)', () => {
  let database: TestDatabase;
  let app: TestApp;
  let worker: Worker;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startApp({ url: database.url, tracking: { worker: 'successor' } });
    worker = await startWorker({ url: database.url, tracking: { worker: 'frozen' } });
  });
  afterAll(async () => {
    await worker?.kill();
    await app?.close();
    await database?.drop();
  });

  it('finds its signals aborted and its outcomes refused, and overwrites nothing', async () => {
    const [returns, throws, heeds, running] = ['returns', 'throws', 'heeds', 'running'];
    const stale = [returns, throws, running].map((id) => worker.settle({ kind: KIND, id }, 'held', POLICY));
    stale.push(worker.settle({ kind: KIND, id: heeds }, 'heeding', POLICY));
    for (const id of [returns, throws, running, heeds]) await worker.seen('running', id);
    worker.freeze();

    const goOn = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    const stillRunning = settlePersistently(
      app.tracker,
      { kind: KIND, id: running },
      async () => {
        taken.resolve();
        await goOn.promise;
        return 'the successor';
      },
      POLICY,
    );
    const saved = [returns, throws, heeds].map((id) =>
      settlePersistently(app.tracker, { kind: KIND, id }, () => 'the successor', POLICY),
    );
    for (const told of await Promise.all(saved)) expect(told).toMatchObject({ status: 'succeeded', claim: 2 });
    await taken.promise;
    const rows = () => database.sql(`select * from job where status <> 'in_progress' order by id`);
    const before = await rows();

    worker.thaw();
    for (const id of [returns, throws, running, heeds])
      expect(await worker.seen('aborted', id)).toMatchObject({ code: 'LEASE_LOST' });
    await Promise.all([worker.finish(returns), worker.finish(throws, 'throw'), worker.finish(running)]);
    for (const told of await Promise.all(stale)) expect(told).toMatchObject({ status: 'lost', error: 'LEASE_LOST' });
    expect(await rows()).toEqual(before);

    goOn.resolve();
    expect(await stillRunning).toMatchObject({ status: 'succeeded', claim: 2, output: 'the successor' });
    for (const id of [returns, throws, running, heeds])
      expect(await app.tracker.attempts({ kind: KIND, id })).toMatchObject([
        { claim: 1, worker: 'frozen', outcome: 'crashed' },
        { claim: 2, worker: 'successor', outcome: 'succeeded' },
      ]);
    expect(await brokenHistory(database.sql)).toEqual([]);
  });
});
