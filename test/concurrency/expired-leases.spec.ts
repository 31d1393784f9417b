import type { JobRun } from 'nestjs-job-tracking';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { withConnection } from '../support/connection.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { holdRun } from '../support/held-run.js';
import { brokenHistory } from '../support/history.js';

let database: TestDatabase;
let survivor: TestApp;
let proxy: FaultProxy;
/** An app that the network can part from the database: as good as dead. */
let cutOff: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startFaultProxy(database.url);
  survivor = await startApp({ url: database.url, tracking: { worker: 'survivor' } });
  cutOff = await startApp({ url: proxy.url, tracking: { worker: 'cut off', grace: 0 } });
});
afterEach(async () => {
  proxy.restore();
  expect(await brokenHistory(database.sql)).toEqual([]);
});
afterAll(async () => {
  await Promise.all([survivor?.close(), cutOff?.close()]);
  await proxy?.[Symbol.asyncDispose]();
  await database?.drop();
});

describe('an expired lease that many find at once', () => {
  const ids = Array.from({ length: 30 }, (_, index) => String(index));

  it('is taken over by one of them, and its dead attempt recorded once', async () => {
    const kind = 'crowd';
    for (const id of ids) await holdRun(cutOff.tracker, { kind, id }, { lease: 500 });
    proxy.cutOff();
    const held = () => database.sql('select id from job where kind = $1 and expires_at > now()', [kind]);
    await expect.poll(held).toEqual([]);

    const ran: string[] = [];
    const work = (run: JobRun) => ran.push(`${run.job.id} ${run.job.claims}`);
    const more = await Promise.all([1, 2].map(() => startApp({ url: database.url })));
    const takers = [survivor, ...more];
    const consumers = takers.map(({ tracker }) => tracker.consume(kind, work, { pollInterval: 10 }));
    const calls = ids.flatMap((id) => takers.map(({ tracker }) => tracker.settle({ kind, id }, work)));
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    await Promise.all(consumers.map((consumer) => consumer.drain()));
    await Promise.all(more.map((app) => app.close()));
    proxy.restore();

    expect(ran.sort()).toEqual(ids.map((id) => `${id} 2`).sort());
    expect(statuses.filter((status) => status !== 'succeeded' && status !== 'refused')).toEqual([]);
    expect(await database.sql('select id from job where kind = $1 and claims <> 2', [kind])).toEqual([]);
  });
});

describe('a transaction that has checked its lease and is about to commit', () => {
  /** As the fence of a user's transaction reads it: FOR KEY SHARE lets renewals pass. */
  const fenced = async (id: string, work: () => Promise<void>) => {
    const held = await holdRun(cutOff.tracker, { kind: 'fenced', id }, { lease: 500 });
    proxy.cutOff();
    const open = () => database.sql('select id from job where id = $1 and expires_at > now()', [id]);
    await expect.poll(open).toEqual([]);
    await withConnection(database.url, async (user) => {
      await user.query('begin');
      await user.query(`select 1 from job where kind = 'fenced' and id = $1 for key share`, [id]);
      await work();
      await user.query('commit');
    });
    proxy.restore();
    return held;
  };

  it('is not overtaken, though its lease has run out: takers are refused at once', async () => {
    const job = { kind: 'fenced', id: 'takers' };
    const handler = vi.fn();
    await fenced(job.id, async () => {
      const outcomes = await Promise.all([1, 2, 3].map(() => survivor.tracker.settle(job, handler)));
      expect(outcomes.map(({ status }) => status)).toEqual(['refused', 'refused', 'refused']);
      expect(outcomes[0]).toMatchObject({ error: { code: 'JOB_LOCKED' }, redeliver: 100 });
      const consumer = survivor.tracker.consume(job.kind, handler);
      await consumer.drain();
    });
    expect(handler).not.toHaveBeenCalled();
    expect(await survivor.tracker.settle(job, () => 'after it')).toMatchObject({ status: 'succeeded' });
  });

  it('is not fenced off in between: a release waits for it', async () => {
    const job = { kind: 'fenced', id: 'release' };
    let released = false;
    let releasing: Promise<unknown> = Promise.resolve();
    await fenced(job.id, async () => {
      releasing = survivor.tracker.release(job).then(() => {
        released = true;
      });
      const waiting = () =>
        database.sql(
          `select 1 as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
        );
      await expect.poll(waiting).toEqual([{ n: 1 }]);
      expect(released).toBe(false);
    });
    await releasing;
    expect(await survivor.tracker.get(job)).toMatchObject({ status: 'pending', lease: null });
  });
});

it('a claim that had to wait for the row does not start before its predecessor’s end', async () => {
  const job = { kind: 'waited', id: '1' };
  await survivor.tracker.settle(job, () => Promise.reject(new Error('as planned')));
  await withConnection(database.url, async (user) => {
    await user.query('begin');
    await user.query(`select 1 from job where kind = 'waited' for update`);
    const claim = survivor.tracker.settle(job, () => 'done', { onMissing: 'refuse' });
    const waiting = () =>
      database.sql(
        `select 1 as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      );
    await expect.poll(waiting).toEqual([{ n: 1 }]);
    // As the end of a run that rides in somebody's transaction.
    await user.query(`update job set finished_at = clock_timestamp() where kind = 'waited'`);
    await user.query('commit');
    expect(await claim).toMatchObject({ status: 'succeeded' });
  });
  const [failed, done] = await survivor.tracker.attempts(job);
  expect(Number(done?.startedAt)).toBeGreaterThanOrEqual(Number(failed?.endedAt));
});

it('a caller that joins a job whose worker has died runs it itself', async () => {
  const job = { kind: 'joined', id: '1' };
  await holdRun(cutOff.tracker, job, { lease: 500 });
  proxy.cutOff();
  const joiners = [1, 2, 3].map((n) =>
    survivor.tracker.track(job, (run) => ({ n, claim: run.job.claims }), { onDuplicate: 'join' }),
  );
  const outputs = await Promise.all(joiners);
  proxy.restore();
  expect(outputs[0]).toMatchObject({ claim: 2 });
  expect(new Set(outputs.map((output) => JSON.stringify(output))).size).toBe(1);
});
