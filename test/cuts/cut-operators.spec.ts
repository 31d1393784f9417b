import { type JobSnapshot, type JobStatus, type JobTrackerService, StoreUnavailableError } from 'nestjs-job-tracking';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type Fault, type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { holdRun } from '../support/held-run.js';
import { brokenHistory } from '../support/history.js';
import { STATEMENTS, type StatementName } from '../support/statements.js';

const FAULTS: readonly Fault[] = ['answer lost', 'cut after sending', 'request lost', 'swallowed', 'late'];
const ANSWER_WITHIN = 250;

interface CutVerb {
  verb: StatementName;
  arrange?(tracker: JobTrackerService, job: { kind: string; id: string }): Promise<unknown>;
  act(tracker: JobTrackerService, job: { kind: string; id: string }): Promise<unknown>;
  told: object;
  /** null: there is no such job. */
  becomes: Partial<JobSnapshot> | null;
}

const failed = (tracker: JobTrackerService, job: { kind: string; id: string }) =>
  tracker.settle(job, () => Promise.reject(new Error('as planned')));

const VERBS: readonly CutVerb[] = [
  {
    verb: 'register',
    act: (tracker, job) => tracker.register({ ...job, data: { of: job.id } }),
    told: { job: { status: 'pending', data: { of: expect.any(String) } } },
    becomes: { status: 'pending', claims: 0 },
  },
  {
    verb: 'registerSet',
    act: async (tracker, job) => ({ ...(await tracker.registerMany([job])) }),
    told: {},
    becomes: { status: 'pending' },
  },
  {
    verb: 'retry',
    arrange: failed,
    act: (tracker, job) => tracker.retry(job),
    told: { status: 'pending' },
    becomes: { status: 'pending', failures: 0 },
  },
  {
    verb: 'ignore',
    arrange: failed,
    act: (tracker, job) => tracker.ignore(job, 'no use'),
    told: { status: 'ignored', reason: 'no use' },
    becomes: { status: 'ignored', reason: 'no use' },
  },
  {
    verb: 'release',
    arrange: holdRun,
    act: (tracker, job) => tracker.release(job),
    told: { status: 'pending' },
    becomes: { status: 'pending', attempts: 0, claims: 1, lease: null },
  },
  {
    verb: 'remove',
    arrange: failed,
    act: (tracker, job) => tracker.remove(job),
    told: { status: 'failed', failures: 1 },
    becomes: null,
  },
];

let database: TestDatabase;
let proxy: FaultProxy;
let app: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startFaultProxy(database.url);
  app = await startApp({
    url: proxy.url,
    tracking: { grace: 0 },
    orm: { driverOptions: { query_timeout: ANSWER_WITHIN } },
  });
});
afterEach(async () => {
  proxy.heal();
  expect(await brokenHistory(database.sql, { retried: true })).toEqual([]);
});
afterAll(async () => {
  await app?.close();
  await proxy?.[Symbol.asyncDispose]();
  await database?.drop();
});

describe.each(FAULTS)('an operator’s verb that meets «%s» has done its work, and says so:', (fault) => {
  it.each(VERBS)('$verb', async ({ verb, arrange, act, told, becomes }) => {
    const job = { kind: verb, id: fault };
    await arrange?.(app.tracker, job);
    const spoiling = proxy.spoil(STATEMENTS[verb], fault);
    expect(await act(app.tracker, job)).toMatchObject(told);
    expect(spoiling.met).toBe(1);
    const found = await app.tracker.get(job);
    if (becomes === null) expect(found).toBeNull();
    else expect(found).toMatchObject(becomes);

    await spoiling.deliver();
    expect(await app.tracker.get(job)).toEqual(found);
  });
});

describe.each(FAULTS)('a verb over many jobs that meets «%s»', (fault) => {
  const VERBS_OVER_MANY = [
    ['retryMany', (tracker, kind) => tracker.retryMany({ kind, limit: 2 }), 'pending'],
    ['ignoreMany', (tracker, kind) => tracker.ignoreMany({ kind, limit: 2 }, 'no use'), 'ignored'],
    ['removeMany', (tracker, kind) => tracker.removeMany({ kind, limit: 2 }), null],
  ] as const satisfies [
    StatementName,
    (tracker: JobTrackerService, kind: string) => Promise<number>,
    JobStatus | null,
  ][];

  it.each(VERBS_OVER_MANY)(
    'does not go past its limit, and tells no number that it does not know: %s',
    async (verb, act, status) => {
      const kind = `${verb}, ${fault}`;
      const ids = ['1', '2', '3', '4', '5'];
      for (const id of ids) await failed(app.tracker, { kind, id });
      const changed = async () => {
        const jobs = await app.tracker.count({ kind, ...(status && { status }) });
        return status === null ? ids.length - jobs : jobs;
      };
      const spoiling = proxy.spoil(STATEMENTS[verb], fault);
      await expect(act(app.tracker, kind)).rejects.toThrow(StoreUnavailableError);
      expect(spoiling.met).toBe(1);
      expect(await changed()).toBeLessThanOrEqual(2);
      await spoiling.deliver();
      expect([0, 2]).toContain(await changed());
    },
  );
});

it('a release whose answer was lost does not take the lease of the run that came next', async () => {
  const job = { kind: 'release', id: 'next' };
  const first = await holdRun(app.tracker, job);
  const spoiling = proxy.spoil(STATEMENTS.release, 'late');
  await app.tracker.release(job);
  const next = await holdRun(app.tracker, job);
  await spoiling.deliver();
  expect(await app.tracker.get(job)).toMatchObject({ status: 'in_progress', claims: 2 });
  expect(await next.succeed('kept')).toMatchObject({ status: 'succeeded', output: 'kept' });
  expect(await first.succeed('late')).toMatchObject({ status: 'lost' });
});
