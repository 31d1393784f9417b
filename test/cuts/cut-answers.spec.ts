import type { JobRun } from 'nestjs-job-tracking';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Fault, type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { holdRun } from '../support/held-run.js';
import { brokenHistory } from '../support/history.js';
import { STATEMENTS } from '../support/statements.js';
import { RUNS } from './cut-runs.js';

const FAULTS: readonly Fault[] = ['answer lost', 'cut after sending', 'request lost', 'swallowed', 'late'];
const LEASE = 700;
/** How long the app waits for an answer before it gives the connection up: less than a lease. */
const ANSWER_WITHIN = 250;

let database: TestDatabase;
let proxy: FaultProxy;
let app: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startFaultProxy(database.url);
  app = await startApp({ url: proxy.url, orm: { driverOptions: { query_timeout: ANSWER_WITHIN } } });
  await leaveOrphans();
}, 30_000);
afterEach(async () => {
  proxy.heal();
  expect(await brokenHistory(database.sql)).toEqual([]);
});
afterAll(async () => {
  await app?.close();
  await proxy?.[Symbol.asyncDispose]();
  await database?.drop();
});

const orphanOf = (does: string, fault: Fault) => ({ kind: 'orphan', id: `${does}, ${fault}` });

/** Jobs whose worker has been parted from the database past its lease. */
async function leaveOrphans(): Promise<void> {
  const way = await startFaultProxy(database.url);
  const dead = await startApp({ url: way.url, tracking: { worker: 'parted', grace: 0 } });
  for (const { does, orphaned } of RUNS)
    if (orphaned) for (const fault of FAULTS) await holdRun(dead.tracker, orphanOf(does, fault), { lease: 500 });
  way.cutOff();
  const held = () => database.sql(`select id from job where expires_at > now()`);
  await eventually(async () => expect(await held()).toEqual([]));
  await dead.close();
  await way[Symbol.asyncDispose]();
}

describe.each(FAULTS)('a statement that meets «%s» leaves a run as it would have been:', (fault) => {
  it.each(RUNS)('$does ($statement)', async ({ does, statement, orphaned, arrange, act, told, becomes, attempts }) => {
    const job = orphaned ? orphanOf(does, fault) : { kind: `${does}`, id: fault };
    const stage = { app, sql: database.sql, job, policy: { lease: LEASE } };
    await arrange?.(stage);

    const spoiling = proxy.spoil(STATEMENTS[statement], fault);
    const handler = vi.fn(act);
    const outcome = await app.tracker.settle(job, (run) => handler({ ...stage, run, spoiling }), stage.policy);
    expect(spoiling.met).toBe(1);
    expect(handler).toHaveBeenCalledTimes(1);
    expect(outcome).toMatchObject(told);

    const row = () => database.sql('select * from job where kind = $1 and id = $2', [job.kind, job.id]);
    const before = await row();
    expect(await app.tracker.get(job)).toMatchObject({ lease: null, ...becomes });
    expect((await app.tracker.attempts(job)).map((attempt) => attempt.outcome)).toEqual(attempts);

    // What was kept back comes through after all: a statement of a run that is over changes nothing.
    await spoiling.deliver();
    expect(await row()).toEqual(before);
  });
});

it.each([
  ['failure', 'failed', () => Promise.reject(new Error('its own')), { message: 'its own' }],
  ['snooze', 'snoozed', (run: JobRun) => run.snooze(0), null],
] as const)(
  'a caller whose answer was lost learns its own %s, though another has run the job since',
  async (what, outcome, act, error) => {
    const job = { kind: 'since', id: what };
    const lost = proxy.spoil(STATEMENTS.recordEnding, 'answer lost');
    const unheard = proxy.spoil(STATEMENTS.recordEnding, 'request lost', 2);
    const asking = app.tracker.settle(job, act, { lease: LEASE });
    await lost.reached;
    await using other = await startApp({ url: database.url });
    expect(await other.tracker.settle(job, () => 'since')).toMatchObject({ status: 'succeeded' });
    expect(await asking).toMatchObject({ status: what === 'failure' ? 'failed' : 'pending' });
    expect(unheard.met).toBe(2);
    expect(await app.tracker.attempts(job)).toMatchObject([
      { claim: 1, outcome, error },
      { claim: 2, outcome: 'succeeded' },
    ]);
  },
);
