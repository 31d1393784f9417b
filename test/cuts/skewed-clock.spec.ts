import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { holdRun } from '../support/held-run.js';
import { brokenHistory } from '../support/history.js';
import { settlePersistently } from '../support/persistence.js';
import { startWorker, type Worker } from '../support/worker.js';

const HOUR = 3_600_000;
const POLICY = { lease: 800 };

/** Of libfaketime (the Debian package `faketime`), which gives a process a wall clock of its own. Not by its command: that stays between. */
function findFaketime(): string | undefined {
  try {
    return execFileSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim();
  } catch {
    console.warn('faketime is not installed: the laws about skewed clocks are SKIPPED (apt-get install faketime)');
    return undefined;
  }
}

const library = findFaketime();

describe.skipIf(!library).each([
  ['an hour ahead', '+1h', HOUR],
  ['an hour behind', '-1h', -HOUR],
])('a worker whose clock is %s', (_, offset, skew) => {
  let database: TestDatabase;
  let app: TestApp;
  let worker: Worker;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startApp({ url: database.url });
    const skewed = ['env', `LD_PRELOAD=${library}`, `FAKETIME=${offset}`, 'FAKETIME_DONT_FAKE_MONOTONIC=1'];
    worker = await startWorker({ url: database.url, tracking: { worker: 'skewed' } }, skewed);
    expect(Math.abs((await worker.clock()) - Date.now() - skew)).toBeLessThan(60_000);
  }, 30_000);
  afterAll(async () => {
    await worker?.kill();
    await app?.close();
    expect(await brokenHistory(database.sql)).toEqual([]);
    await database?.drop();
  });

  const twoLeases = (id: string) =>
    expect
      .poll(() => database.sql(`select now() - started_at > interval '1.8 s' as old from job where id = $1`, [id]))
      .toEqual([{ old: true }]);

  it('keeps what it holds, and promises no more than its lease', async () => {
    const job = { kind: 'skewed', id: 'held by it' };
    const told = worker.settle(job, 'held', POLICY);
    await worker.seen('running', job.id);
    const [lease] = await database.sql<{ ms: number }>(
      'select extract(epoch from expires_at - now())::float8 * 1000 as ms from job where id = $1',
      [job.id],
    );
    expect(lease?.ms).toBeLessThanOrEqual(POLICY.lease);
    await twoLeases(job.id);
    expect(await app.tracker.settle(job, () => 'taken', POLICY)).toMatchObject({ error: { code: 'JOB_LOCKED' } });
    await worker.finish(job.id);
    expect(await told).toMatchObject({ status: 'succeeded', claim: 1 });
  });

  it('gets nothing that another holds, neither by a call nor as a consumer', async () => {
    const job = { kind: 'others', id: 'held by another' };
    const held = await holdRun(app.tracker, job, POLICY);
    await worker.consume(job.kind, 'empty', { ...POLICY, pollInterval: 20 });
    await twoLeases(job.id);
    expect(await worker.settle(job, 'empty', POLICY)).toMatchObject({ status: 'refused', error: 'JOB_LOCKED' });
    expect(await held.succeed()).toMatchObject({ status: 'succeeded' });
    expect(await worker.drain(job.kind)).toEqual([]);
  });

  it('is taken over when its lease has run out, not an hour later or at once', async () => {
    const job = { kind: 'skewed', id: 'frozen' };
    const stale = worker.settle(job, 'held', POLICY);
    await worker.seen('running', job.id);
    worker.freeze();
    expect(await app.tracker.settle(job, () => 'too early', POLICY)).toMatchObject({ error: { code: 'JOB_LOCKED' } });
    expect(await settlePersistently(app.tracker, job, () => 'saved', POLICY)).toMatchObject({
      status: 'succeeded',
      claim: 2,
    });
    worker.thaw();
    expect(await worker.seen('aborted', job.id)).toMatchObject({ code: 'LEASE_LOST' });
    await worker.finish(job.id);
    expect(await stale).toMatchObject({ status: 'lost' });
  });
});
