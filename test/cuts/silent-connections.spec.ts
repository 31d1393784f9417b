import { StoreUnavailableError } from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { startApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startFaultProxy } from '../support/fault-proxy.js';
import { holdRun } from '../support/held-run.js';
import { brokenHistory } from '../support/history.js';
import { settlePersistently } from '../support/persistence.js';
import { STATEMENTS } from '../support/statements.js';

/** A store sends a statement for 5 s. The pool's own wait for an answer, 10 s unless the user says otherwise, is longer. */
const LONGER_THAN_PATIENCE = 5_500;

describe.concurrent('a connection that goes silent', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database?.drop());

  it('leaves no claim in doubt: it is sent once more, though the wait for its answer has used the patience up', async ({
    expect,
  }) => {
    const job = { kind: 'silent', id: 'claim' };
    await using proxy = await startFaultProxy(database.url);
    await using app = await startApp({
      url: proxy.url,
      orm: { driverOptions: { query_timeout: LONGER_THAN_PATIENCE } },
    });
    const spoiling = proxy.spoil(STATEMENTS.claimOrRegister, 'swallowed');
    const handler = vi.fn(() => 'done');
    expect(await app.tracker.settle(job, handler)).toMatchObject({ status: 'succeeded' });
    expect(spoiling.met).toBe(1);
    expect(await app.tracker.get(job)).toMatchObject({ claims: 1, status: 'succeeded' });
  });

  it('costs no lease: the renewal is sent on another one in time, however long the pool would wait', async ({
    expect,
  }) => {
    const job = { kind: 'silent', id: 'renewal' };
    await using proxy = await startFaultProxy(database.url);
    await using app = await startApp({ url: proxy.url });
    const spoiling = proxy.spoil(STATEMENTS.renew, 'swallowed');
    const held = await holdRun(app.tracker, job, { lease: 1_200 });
    const age = async () => {
      const [row] = await database.sql<{ age: number }>(
        'select extract(epoch from now() - started_at)::float8 as age from job where id = $1',
        [job.id],
      );
      return row?.age;
    };
    await expect.poll(age).toBeGreaterThan(2.4);
    expect(spoiling.met).toBe(1);
    expect(held.run.signal.aborted).toBe(false);
    expect(await held.succeed('kept')).toMatchObject({ status: 'succeeded' });
  });

  it('or a database that stays away, is told to the caller, and no handler runs', async ({ expect }) => {
    const job = { kind: 'silent', id: 'away' };
    await using proxy = await startFaultProxy(database.url);
    await using app = await startApp({ url: proxy.url });
    proxy.cutOff();
    const handler = vi.fn();
    await expect(app.tracker.settle(job, handler)).rejects.toThrow(StoreUnavailableError);
    expect(handler).not.toHaveBeenCalled();
    proxy.restore();
    expect(await app.tracker.get(job)).toBeNull();
    expect(await app.tracker.track(job, () => 'later')).toBe('later');
    expect(await brokenHistory(database.sql)).toEqual([]);
  });

  it('leaves a job that was granted to nobody free again within its lease', async ({ expect }) => {
    const job = { kind: 'silent', id: 'nobody' };
    await using proxy = await startFaultProxy(database.url);
    await using app = await startApp({ url: proxy.url });
    await using other = await startApp({ url: database.url });
    const spoiling = proxy.spoil(STATEMENTS.claimOrRegister, 'answer lost');
    const handler = vi.fn();
    const asking = app.tracker.settle(job, handler, { lease: 1_000 });
    await spoiling.reached;
    proxy.cutOff();
    const taken = settlePersistently(other.tracker, job, () => 'done', { lease: 1_000 });
    expect(await taken).toMatchObject({ status: 'succeeded', claim: 2 });
    await expect(asking).rejects.toThrow(StoreUnavailableError);
    expect(handler).not.toHaveBeenCalled();
    expect(await other.tracker.attempts(job)).toMatchObject([{ outcome: 'crashed' }, { outcome: 'succeeded' }]);
  });
});
