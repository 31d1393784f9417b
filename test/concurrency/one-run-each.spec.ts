import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { crowd } from '../support/crowd.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { brokenHistory } from '../support/history.js';
import type { Told } from '../support/told.js';
import { startWorker, type Worker } from '../support/worker.js';

const PROCESSES = 8;
const JOBS = 300;
const ids = Array.from({ length: JOBS }, (_, index) => `job-${index}`);

/** The trial in which the SQL ancestor runs 2 to 4 percent of its jobs twice. */
describe(`${PROCESSES} processes, released together on the same ${JOBS} jobs`, () => {
  let database: TestDatabase;
  let app: TestApp;
  let workers: Worker[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startApp({ url: database.url });
    workers = await Promise.all(
      Array.from({ length: PROCESSES }, (_, index) =>
        startWorker({ url: database.url, tracking: { worker: `worker-${index}` } }),
      ),
    );
  }, 120_000);
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await app?.close();
    await database?.drop();
  });
  afterEach(async () => expect(await brokenHistory(database.sql)).toEqual([]));

  const trackedByAll = (kind: string) => {
    const from = Date.now() + 200;
    return Promise.all(workers.map((worker) => worker.settleAll(kind, ids, 'empty', from)));
  };
  const ranIn = (told: readonly Told[][]) =>
    told.map((calls) => calls.filter(({ claim }) => claim !== null).map(({ id }) => id));

  /** Every handler's call, by id and process: nothing that the tables say. */
  async function ranOnceEach(kind: string, ran: readonly string[][], claims: number): Promise<void> {
    const runs = ran.flat();
    const doubled = runs.length - new Set(runs).size;
    const shares = ran.map(({ length }) => length).join(' ');
    console.info(`${kind}: ${JOBS} jobs, ${runs.length} runs, ${doubled} doubled (by process: ${shares})`);
    expect({ runs: [...runs].sort(), doubled }).toEqual({ runs: [...ids].sort(), doubled: 0 });
    expect(await app.tracker.count({ kind, status: 'succeeded' })).toBe(JOBS);
    expect(await database.sql('select id from job where kind = $1 and claims <> $2', [kind, claims])).toEqual([]);
  }

  it('run each of them once, when every process tracks all ids, new to the database', async () => {
    const told = await trackedByAll('track');
    await ranOnceEach('track', ranIn(told), 1);
    const refusals = told.flat().filter(({ status }) => status === 'refused');
    expect(refusals).toHaveLength((PROCESSES - 1) * JOBS);
    expect(refusals.filter(({ error }) => error !== 'JOB_LOCKED' && error !== 'JOB_ALREADY_SUCCEEDED')).toEqual([]);
  });

  it('run each of them once, when every process tracks all ids, which have failed before', async () => {
    const fail = () => Promise.reject(new Error('no'));
    const failing = await crowd(20, ids, (id) => app.tracker.settle({ kind: 'again', id }, fail));
    expect(failing.filter(({ status }) => status !== 'failed')).toEqual([]);
    await ranOnceEach('again', ranIn(await trackedByAll('again')), 2);
  });

  it('run each of them once, when every process consumes their kind', async () => {
    await app.tracker.registerMany(ids.map((id) => ({ kind: 'consume', id })));
    await Promise.all(workers.map((worker) => worker.consume('consume', 'empty', { pollInterval: 50 })));
    await ranOnceEach('consume', await Promise.all(workers.map((worker) => worker.drain('consume'))), 1);
  });
});
