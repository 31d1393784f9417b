import { EntityManager } from '@mikro-orm/postgresql';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { holdRun } from '../support/held-run.js';
import { brokenHistory } from '../support/history.js';

const LEASE = 800;
const POLICY = { lease: LEASE };
const APP_POOL = 2;

describe('a job that runs three times longer than its lease', () => {
  let database: TestDatabase;
  let app: TestApp;
  let other: TestApp;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startApp({ url: database.url, orm: { pool: { min: 0, max: APP_POOL } } });
    other = await startApp({ url: database.url });
  });
  afterAll(async () => {
    await Promise.all([app?.close(), other?.close()]);
    await database?.drop();
  });
  afterEach(async () => expect(await brokenHistory(database.sql)).toEqual([]));

  /** Three leases by the database's clock, which alone decides. */
  const threeLeases = async (id: string) => {
    const long = () =>
      database.sql(`select extract(epoch from now() - started_at) * 1000 > $1 as long from job where id = $2`, [
        3 * LEASE,
        id,
      ]);
    await expect.poll(long).toEqual([{ long: true }]);
  };

  /** A second worker that asks for it all the time, by both roads; ends with the codes of its refusals. */
  const besieged = async (kind: string, id: string, until: Promise<unknown>) => {
    let over = false;
    void until.finally(() => {
      over = true;
    });
    const taken: string[] = [];
    const consumer = other.tracker.consume(kind, (run) => taken.push(run.job.id), { ...POLICY, pollInterval: 10 });
    let asked = 0;
    while (!over) {
      const outcome = await other.tracker.settle({ kind, id }, () => taken.push('settle'), POLICY);
      if (outcome.status !== 'refused' || !['JOB_LOCKED', 'JOB_ALREADY_SUCCEEDED'].includes(outcome.error.code))
        taken.push(outcome.status);
      asked++;
    }
    await consumer.stop();
    return { taken, asked };
  };

  it('stays owned, though another worker asks for it all the time', async () => {
    const job = { kind: 'long', id: 'alone' };
    const held = await holdRun(app.tracker, job, POLICY);
    const ended = threeLeases(job.id).then(() => held.succeed('done'));
    const siege = await besieged(job.kind, job.id, ended);
    expect(siege.taken).toEqual([]);
    expect(siege.asked).toBeGreaterThan(20);
    expect(held.run.signal.aborted).toBe(false);
    expect(await ended).toMatchObject({ status: 'succeeded', output: 'done' });
  });

  it('stays owned while handlers hold every connection of the app in transactions', async () => {
    const em = app.nest.get(EntityManager);
    const kind = 'transactions';
    const ids = ['a', 'b'];
    expect(ids).toHaveLength(APP_POOL);
    const entered = ids.map(() => Promise.withResolvers<void>());
    const runs = ids.map((id, index) =>
      app.tracker.settle(
        { kind, id },
        (run) =>
          em.fork().transactional(async (tx) => {
            await tx.execute('select 1');
            entered[index]?.resolve();
            await threeLeases(id);
            return run.signal.aborted;
          }),
        POLICY,
      ),
    );
    await Promise.all(entered.map(({ promise }) => promise));
    const sieges = await Promise.all(ids.map((id, index) => besieged(kind, id, runs[index] ?? Promise.resolve())));
    expect(sieges.flatMap(({ taken }) => taken)).toEqual([]);
    expect(await Promise.all(runs)).toMatchObject([
      { status: 'succeeded', output: false },
      { status: 'succeeded', output: false },
    ]);
    expect(await database.sql('select claims::int from job where kind = $1', [kind])).toEqual([
      { claims: 1 },
      { claims: 1 },
    ]);
  });
});
