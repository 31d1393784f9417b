import type { JobRun } from 'nestjs-job-tracking';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Fault, type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { holdRun } from '../support/held-run.js';
import { brokenHistory } from '../support/history.js';
import { STATEMENTS } from '../support/statements.js';

const FAULTS: readonly Fault[] = ['answer lost', 'cut after sending', 'request lost', 'swallowed'];
const LEASE = 800;
const OPTIONS = { lease: LEASE, pollInterval: 50 };
const ANSWER_WITHIN = 250;
const ids = ['1', '2', '3', '4', '5'];

let database: TestDatabase;
let proxy: FaultProxy;
let app: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startFaultProxy(database.url);
  app = await startApp({ url: proxy.url, orm: { driverOptions: { query_timeout: ANSWER_WITHIN } } });
});
afterEach(async () => {
  proxy.heal();
  expect(await brokenHistory(database.sql)).toEqual([]);
});
afterAll(async () => {
  await app?.close();
  await proxy?.[Symbol.asyncDispose]();
  await database?.drop();
});

/** Jobs whose workers are dead, their leases run out. */
async function orphans(kind: string, count: number): Promise<void> {
  const way = await startFaultProxy(database.url);
  const dead = await startApp({ url: way.url, tracking: { worker: 'parted', grace: 0 } });
  for (const id of ids.slice(0, count)) await holdRun(dead.tracker, { kind, id }, { lease: 500 });
  way.cutOff();
  const held = () => database.sql(`select id from job where kind = $1 and expires_at > now()`, [kind]);
  await expect.poll(held).toEqual([]);
  await dead.close();
  await way[Symbol.asyncDispose]();
}

const claimsOf = async (kind: string) =>
  database.sql('select id, status, claims::int, crashes from job where kind = $1 order by id', [kind]);

describe.each(FAULTS)('a consumer whose statement meets «%s»', (fault) => {
  it('runs what a set has granted, each job once and in its first attempt', async () => {
    const kind = `set, ${fault}`;
    await app.tracker.registerMany(ids.map((id) => ({ kind, id })));
    const spoiling = proxy.spoil(STATEMENTS.claimDue, fault);
    const handler = vi.fn((run: JobRun) => run.job.id);
    const consumer = app.tracker.consume(kind, handler, OPTIONS);
    await consumer.drain();
    expect(spoiling.met).toBe(1);
    expect(handler.mock.results.map(({ value }) => value).sort()).toEqual(ids);
    expect(consumer.counts).toMatchObject({ succeeded: 5, crashed: 0 });
    expect(await claimsOf(kind)).toEqual(ids.map((id) => ({ id, status: 'succeeded', claims: 1, crashes: 0 })));
  });

  it('runs the orphan that it has taken over, in that very grant', async () => {
    const kind = `orphan, ${fault}`;
    await orphans(kind, 1);
    const spoiling = proxy.spoil(STATEMENTS.takeOver, fault);
    const handler = vi.fn((run: JobRun) => run.job.claims);
    const consumer = app.tracker.consume(kind, handler, OPTIONS);
    await consumer.drain();
    await eventually(() => expect(spoiling.met).toBe(1));
    expect(handler.mock.results.map(({ value }) => value)).toEqual([2]);
    expect(await app.tracker.attempts({ kind, id: '1' })).toMatchObject([
      { claim: 1, outcome: 'crashed' },
      { claim: 2, outcome: 'succeeded' },
    ]);
  });

  it('runs the orphans that it took before the statement, though it learns of nothing else', async () => {
    const kind = `both, ${fault}`;
    await orphans(kind, 2);
    await app.tracker.registerMany(ids.map((id) => ({ kind, id })));
    proxy.spoil(STATEMENTS.claimDue, fault);
    const handler = vi.fn((run: JobRun) => `${run.job.id}: ${run.job.claims}`);
    await app.tracker.consume(kind, handler, OPTIONS).drain();
    expect(handler.mock.results.map(({ value }) => value).sort()).toEqual(['1: 2', '2: 2', '3: 1', '4: 1', '5: 1']);
    expect((await claimsOf(kind)).every(({ status }) => status === 'succeeded')).toBe(true);
  });
});

it('two consumers of one kind never run the same grant, when an answer was lost', async () => {
  const kind = 'two consumers';
  await app.tracker.registerMany(ids.map((id) => ({ kind, id })));
  const spoiling = proxy.spoil(STATEMENTS.claimDue, 'answer lost', 2);
  const grants: string[] = [];
  const handler = (run: JobRun) => {
    grants.push(`${run.job.id} ${run.job.claims}`);
    return new Promise((resolve) => setTimeout(resolve, 100));
  };
  const consumers = [1, 2].map(() => app.tracker.consume(kind, handler, OPTIONS));
  await Promise.all(consumers.map((consumer) => consumer.drain()));
  expect(spoiling.met).toBe(2);
  expect(grants.sort()).toEqual(ids.map((id) => `${id} 1`));
});

it('a set that comes through late is run by the consumer that asked for it', async () => {
  const kind = 'late set';
  await app.tracker.registerMany(ids.map((id) => ({ kind, id })));
  const spoiling = proxy.spoil(STATEMENTS.claimDue, 'late');
  const grants: string[] = [];
  const counted = Promise.withResolvers<void>();
  const handler = async (run: JobRun) => {
    grants.push(`${run.job.id} ${run.job.claims}`);
    // Those of the late set: they must not be over before they are counted.
    if (Number(run.job.id) > 5) await counted.promise;
  };
  await using consumer = app.tracker.consume(kind, handler, { ...OPTIONS, pollInterval: 300 });
  await eventually(() => expect(consumer.counts.succeeded).toBe(5));
  await app.tracker.registerMany(['6', '7', '8'].map((id) => ({ kind, id })));
  await spoiling.deliver();
  expect(await app.tracker.count({ kind, status: 'in_progress' })).toBe(3);
  counted.resolve();
  await eventually(() => expect(consumer.counts.succeeded).toBe(8));
  expect(grants.sort()).toEqual([...ids, '6', '7', '8'].map((id) => `${id} 1`));
});
