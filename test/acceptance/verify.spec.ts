import fc from 'fast-check';
import { InvalidOptionsError, type JobRun, type JobTrackerService } from 'nestjs-job-tracking';
import { beforeAll, describe, expect, test } from 'vitest';
import { column, tableOf } from '../docs/markdown.js';
import { startApp, type TestApp } from '../support/app.js';
import type { Sql } from '../support/connection.js';
import { createTestDatabase } from '../support/database.js';
import { holdRun } from '../support/held-run.js';
import { expireLease, tablesOf } from '../support/job-rows.js';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const fail = () => Promise.reject(new Error('boom'));
const data = { amount: 1, note: 'paid' };

describe('each invariant', () => {
  const bed = useTrackedApp();

  /** Every constraint is gone: the damage is found all the same. */
  beforeAll(() => dropChecks(bed.sql));

  const pending = (kind: string) => bed.tracker.register({ kind, id: '1', data });
  const failed = (kind: string) => bed.tracker.settle({ kind, id: '1' }, fail);
  const succeeded = (kind: string) => bed.tracker.track({ kind, id: '1', data }, () => 'done');
  const ignored = (kind: string) => bed.tracker.settle({ kind, id: '1' }, (run) => run.ignore('gone'));
  /** Claims 1 to 3 in history: failed, snoozed, succeeded. Claim 4, a rerun, failed and is on the row. */
  const lived = async (kind: string) => {
    await failed(kind);
    await bed.tracker.settle({ kind, id: '1' }, (run) => run.snooze(0));
    await bed.tracker.track({ kind, id: '1' }, () => 'done');
    await bed.tracker.settle({ kind, id: '1' }, fail, { onDuplicate: 'rerun' });
  };
  const row = (change: string) => `update job set ${change} where kind = $1`;
  const past = (claim: number, change: string) =>
    `update job_past_attempt set ${change} where kind = $1 and claim = ${claim}`;

  /** By its name: a healthy job, one damage by hand, and how the report tells it. */
  const damages: Record<string, [make: (kind: string) => Promise<unknown>, damage: string, detail: string]> = {
    'job-status': [pending, row(`status = 'lost'`), 'status is "lost"'],
    'job-outcome': [ignored, row(`outcome = 'lost'`), 'outcome is "lost"'],
    'job-lease': [pending, row('expires_at = now()'), 'pending, with lease'],
    'job-grant': [failed, row('token = null'), '1 claims, without token, with worker, with start'],
    'job-ended-attempt': [succeeded, row('finished_at = null'), 'succeeded after 1 claims, with outcome, without end'],
    'job-end': [failed, row(`status = 'succeeded'`), 'succeeded, and its last attempt failed'],
    'job-counts': [pending, row('failures = -1'), '0 claims, 0 attempts, -1 failures, 0 crashes'],
    'job-max-attempts': [pending, row('max_attempts = 0'), 'max_attempts is 0'],
    'job-priority': [pending, row('priority = 10'), 'priority is 10'],
    'job-progress': [failed, row('progress = 1.5'), 'progress is 1.5'],
    'job-payload': [pending, row('data = null'), 'a hash without data'],
    'job-purged': [failed, row('purged = 1'), '1 purged of 1 claims'],
    reason: [ignored, row('reason = null'), 'ignored without a reason'],
    error: [failed, row('error = null'), 'the last attempt failed, without an error'],
    'data-hash': [pending, row(`data = '{"amount": 2, "note": "paid"}'`), 'the data is not what was registered'],
    'count-attempts': [lived, row('attempts = 4'), '4 attempts, charged were 3'],
    'count-failures': [lived, row('failures = 2'), '2 failures, since the last success there were at most 1'],
    'count-crashes': [lived, row('crashes = 1'), '1 crashes, since the last success there were at most 0'],
    'job-past-attempt-outcome': [lived, past(1, `outcome = 'lost'`), 'claim 1 is "lost"'],
    'history-complete': [lived, 'delete from job_past_attempt where kind = $1 and claim = 2', 'no record of claim 2'],
    'history-purged': [lived, row('purged = 2'), 'claim 1, and 2 are purged; claim 2, and 2 are purged'],
    'history-superseded': [
      lived,
      `insert into job_past_attempt select kind, id, 4, attempt, gen_random_uuid(), worker, outcome, started_at, ended_at, error
       from job_past_attempt where kind = $1 and claim = 3`,
      'claim 4, and the row is of claim 4',
    ],
    'history-owned': [lived, 'delete from job where kind = $1', '3 attempts of no job'],
    'attempt-times': [
      lived,
      past(2, `ended_at = started_at - interval '1 microsecond'`),
      'claim 2 ends before it starts',
    ],
    'attempt-order': [
      lived,
      `update job j set started_at = p.ended_at - interval '1 microsecond' from job_past_attempt p
       where j.kind = $1 and p.kind = $1 and p.claim = 3`,
      'claim 4 starts before claim 3 has ended',
    ],
    'attempt-token': [
      lived,
      `update job j set token = p.token from job_past_attempt p where j.kind = $1 and p.kind = $1 and p.claim = 1`,
      'claim 4 has the token of claim 1',
    ],
    'attempt-number': [lived, past(2, 'attempt = 7'), 'claim 2 is attempt 7, not 2'],
    'attempt-error': [lived, past(1, 'error = null'), 'claim 1 failed without an error'],
  };

  test.each(Object.entries(damages))(
    '%s: a row damaged by hand is reported as that, and as nothing else',
    async (invariant, [make, damage, detail]) => {
      await make(invariant);
      expect(await bed.tracker.verify({ kind: invariant })).toEqual({ checked: 1, violations: [] });
      expect(await bed.sql(`${damage} returning 1`, [invariant])).not.toEqual([]);
      const violation = { kind: invariant, id: '1', invariant, detail };
      expect(await bed.tracker.verify({ kind: invariant })).toEqual({ checked: 1, violations: [violation] });
    },
  );

  test('the report of all jobs has each, by key', async () => {
    const { checked, violations } = await bed.tracker.verify();
    expect(checked).toBe(Object.keys(damages).length);
    expect(violations.map(({ kind, invariant }) => [kind, invariant])).toEqual(
      Object.keys(damages)
        .toSorted()
        .map((invariant) => [invariant, invariant]),
    );
  });

  test('each that is documented is among them, and no other', () => {
    expect(column(tableOf('docs/verify.md'), 'invariant')).toEqual(Object.keys(damages));
  });

  test('several damages of one job are told each', async () => {
    const kind = 'several';
    await lived(kind);
    for (const damage of [
      row('priority = -1, attempts = 1'),
      past(1, 'error = null, attempt = 2'),
      past(3, `ended_at = ended_at + interval '1 h'`),
    ])
      await bed.sql(damage, [kind]);
    const { violations } = await bed.tracker.verify({ kind });
    expect(violations.map(({ invariant }) => invariant)).toEqual([
      'job-priority',
      'count-attempts',
      'attempt-order',
      'attempt-number',
      'attempt-error',
    ]);
  });

  test('history that was purged on purpose is known as such', async () => {
    const kind = 'purged';
    await lived(kind);
    for (const purged of [1, 2, 3]) {
      await bed.sql('delete from job_past_attempt where kind = $1 and claim <= $2', [kind, purged]);
      await bed.sql('update job set purged = $2 where kind = $1', [kind, purged]);
      expect((await bed.tracker.verify({ kind })).violations).toEqual([]);
    }
    await bed.tracker.track({ kind, id: '1' }, () => 'again');
    expect((await bed.tracker.verify({ kind })).violations).toEqual([]);
    await bed.sql('update job set attempts = 1 where kind = $1', [kind]);
    expect((await bed.tracker.verify({ kind })).violations).toMatchObject([{ invariant: 'count-attempts' }]);
  });
});

describe('what breaks nothing', () => {
  const bed = useTrackedApp({ tracking: { defaults: { backoff: 0 } } });

  test('an empty database', async () => {
    expect(await bed.tracker.verify()).toEqual({ checked: 0, violations: [] });
  });

  test('every kind of state, and whatever an operator does', async () => {
    const { tracker, sql } = bed;
    const ids = new Set<string>();
    const job = (id: string) => {
      ids.add(id);
      return { kind: 'life', id };
    };
    const states: Record<string, (id: string) => Promise<unknown>> = {
      pending: (id) => tracker.register({ ...job(id), data }),
      later: (id) => tracker.register({ ...job(id), runAt: new Date(Date.now() + 60_000) }),
      'without data': (id) => tracker.track(job(id), () => 1),
      'with null': (id) => tracker.register({ ...job(id), data: null }),
      replaced: (id) => tracker.track({ ...job(id), data }, (run) => run.set({ data: { other: true } })),
      'output dropped': (id) => tracker.track(job(id), () => 1n),
      failed: (id) => tracker.settle({ ...job(id), data }, fail),
      'used up': (id) => tracker.settle(job(id), fail, { maxAttempts: 1 }),
      ignored: (id) => tracker.settle(job(id), (run) => run.ignore('gone')),
      classified: (id) => tracker.settle(job(id), fail, { classify: () => 'ignore' }),
      snoozed: (id) => tracker.settle(job(id), (run) => run.snooze(0)),
      released: (id) => tracker.settle(job(id), fail, { classify: () => 'release' }),
      'released by hand': (id) => tracker.settle(job(id), () => tracker.release(job(id))),
      'taken over': (id) => takenOver(id, {}),
      'died too often': (id) => takenOver(id, { maxCrashes: 1 }),
      rerun: async (id) => {
        await tracker.track({ ...job(id), data }, () => 1);
        await tracker.settle(job(id), fail, { onDuplicate: 'rerun' });
      },
    };
    const takenOver = async (id: string, policy: object) => {
      const dead = await holdRun(tracker, { ...job(id), data });
      await dead.run.checkpoint('half');
      await expireLease(sql, job(id));
      await tracker.settle(job(id), () => 1, policy);
      await dead.succeed();
    };
    const verbs: Record<string, (id: string) => Promise<unknown>> = {
      nothing: async () => {},
      retry: (id) => tracker.retry(job(id), { rerun: true }),
      ignore: (id) => tracker.ignore(job(id), 'no'),
      'ignore, retry': (id) => tracker.ignore(job(id), 'no').then(() => tracker.retry(job(id))),
      'retry, ignore': (id) => tracker.retry(job(id), { rerun: true }).then(() => tracker.ignore(job(id), 'no')),
      remove: (id) => tracker.remove(job(id)),
      'remove, register': (id) => tracker.remove(job(id)).then(() => tracker.register({ ...job(id), data: 'other' })),
    };
    const then: Record<string, (id: string) => Promise<unknown>> = {
      nothing: async () => {},
      run: (id) => tracker.settle(job(id), () => 1, { onDuplicate: 'rerun' }),
      fail: (id) => tracker.settle(job(id), fail, { onDuplicate: 'rerun' }),
    };
    for (const [state, make] of Object.entries(states))
      for (const [verb, operate] of Object.entries(verbs))
        for (const [last, run] of Object.entries(then)) {
          const id = [state, verb, last].join(' / ');
          await make(id);
          await operate(id).catch(() => {});
          await run(id);
        }
    const runs = await Promise.all(['1', '2'].map((id) => holdRun(tracker, { ...job(`runs ${id}`), data })));
    await expireLease(sql, job('runs 2'));
    expect(await tracker.verify()).toEqual({ checked: await tracker.count(), violations: [] });
    expect(await tracker.verify({ ids: [...ids] })).toEqual({ checked: await tracker.count(), violations: [] });
    for (const run of runs) await run.succeed();

    await tracker.retryMany({ kind: 'life', status: ['pending', 'failed', 'ignored', 'succeeded'] }, { rerun: true });
    expect((await tracker.verify()).violations).toEqual([]);
    await tracker.consume('life', (run) => (run.job.id.length % 2 ? fail() : run.job.claims)).drain();
    await tracker.ignoreMany({ kind: 'life', status: 'failed' }, 'no');
    expect((await tracker.verify()).violations).toEqual([]);
    expect(await tracker.removeMany({ kind: 'life' })).toBeGreaterThan(200);
    expect(await tracker.verify()).toEqual({ checked: 0, violations: [] });
  });

  test('a look at all of it changes nothing', async () => {
    await bed.tracker.settle({ id: 'looked at' }, fail);
    await bed.tracker.track({ id: 'looked at', data }, () => 'done');
    const before = await tablesOf(bed.sql);
    await bed.tracker.verify();
    expect(await tablesOf(bed.sql)).toEqual(before);
  });

  test('no token leaves the database, whole or in a report', async () => {
    await bed.tracker.settle({ kind: 'secret', id: '1' }, fail);
    await bed.tracker.track({ kind: 'secret', id: '1' }, () => 1);
    await bed.sql(
      `update job j set token = p.token from job_past_attempt p where j.kind = 'secret' and p.kind = 'secret'`,
    );
    const [{ token } = {}] = await bed.sql<{ token?: string }>(`select token from job where kind = 'secret'`);
    const report = await bed.tracker.verify({ kind: 'secret' });
    expect(report.violations).toMatchObject([{ invariant: 'attempt-token' }]);
    expect(JSON.stringify(report)).not.toContain(token);
    await bed.tracker.remove({ kind: 'secret', id: '1' });
  });
});

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const time = fc.constantFrom('2026-11-24T13:00:00Z', '2026-11-24T14:00:00Z');
const count = fc.integer({ min: -1, max: 4 });

/** Whatever the columns can hold. */
const anyRow = fc.record({
  status: fc.constantFrom('pending', 'in_progress', 'failed', 'succeeded', 'ignored', 'lost'),
  outcome: maybe(
    fc.constantFrom('succeeded', 'failed', 'ignored', 'snoozed', 'interrupted', 'released', 'crashed', 'lost'),
  ),
  claims: count,
  purged: count,
  attempts: count,
  failures: count,
  crashes: count,
  max_attempts: maybe(count),
  priority: fc.integer({ min: -1, max: 10 }),
  started_at: maybe(time),
  finished_at: maybe(time),
  expires_at: maybe(time),
  worker: maybe(fc.constant('w')),
  token: maybe(fc.uuid()),
  progress: maybe(fc.constantFrom(-0.5, 0, 0.5, 1, 1.5, 'NaN')),
  data: maybe(fc.constant({})),
  data_hash: maybe(fc.constant('hash')),
});

test('a row that no CHECK has seen is reported for each that would have refused it, and for no other', async () => {
  await using bed = await scratchApp();
  const checks = await dropChecks(bed.sql);
  const rows = fc.sample(anyRow, { numRuns: 1_500, seed: 7 });
  await bed.sql(
    `insert into job (kind, id, status, outcome, claims, purged, attempts, failures, crashes, max_attempts, priority, started_at, finished_at, expires_at,
       worker, token, progress, data, data_hash)
     select 'any', row_number() over (), r.* from jsonb_to_recordset($1) r(status text, outcome text, claims bigint, purged bigint, attempts int,
       failures int, crashes int, max_attempts int, priority smallint, started_at timestamptz, finished_at timestamptz, expires_at timestamptz,
       worker text, token uuid, progress real, data jsonb, data_hash text)`,
    [JSON.stringify(rows)],
  );
  const refused: string[] = [];
  for (const { name, expression } of checks.filter(({ table }) => table === 'job')) {
    const broken = await bed.sql<{ id: string }>(`select id from job where not (${expression})`);
    expect(broken.length, name).toBeGreaterThan(20);
    refused.push(...broken.map(({ id }) => `${id} ${name.replaceAll('_', '-')}`));
  }
  const { checked, violations } = await bed.tracker.verify();
  expect(checked).toBe(rows.length);
  const reported = violations.filter(({ invariant }) => invariant.startsWith('job-'));
  expect(reported.map(({ id, invariant }) => `${id} ${invariant}`).sort()).toEqual(refused.sort());
});

describe('pages', () => {
  const bed = useTrackedApp();
  const COUNT = 3_000;

  beforeAll(async () => {
    const consumed = ['a', 'b', 'c'].flatMap((kind) =>
      Array.from({ length: COUNT / 3 }, (_, i) => ({ kind, id: `job ${i}`, data: { i } })),
    );
    await bed.tracker.registerMany(consumed);
    // A history for two of three.
    await bed.sql(
      `with moved as (
         update job set status = 'failed', outcome = 'failed', claims = 2, attempts = 2, failures = 2, token = gen_random_uuid(), worker = 'w',
           started_at = now(), finished_at = now(), error = '{}' where kind in ('a', 'b') returning kind, id)
       insert into job_past_attempt select kind, id, 1, 1, gen_random_uuid(), 'w', 'failed', now(), now(), '{}' from moved`,
    );
  }, 60_000);

  test('thousands of jobs are read, each once', async () => {
    expect(await bed.tracker.verify()).toEqual({ checked: COUNT, violations: [] });
    await bed.sql(`update job set crashes = 1 where id like '%7'`);
    const { checked, violations } = await bed.tracker.verify();
    expect(checked).toBe(COUNT);
    const damaged = await bed.sql(`select kind, id from job where crashes = 1 order by kind, id`);
    expect(damaged.length).toBe(COUNT / 10);
    expect(violations.map(({ kind, id }) => ({ kind, id }))).toEqual(damaged);
    await bed.sql(`update job set crashes = 0`);
  });

  test('history without a job is found between jobs, in front of them and behind them', async () => {
    await bed.sql(`delete from job where id like '%5'`);
    await bed.sql(
      `insert into job_past_attempt select k, 'orphan ' || n, 1, 1, gen_random_uuid(), 'w', 'failed', now(), now(), '{}'
       from unnest(array['A', 'b', 'z']) k, generate_series(1, 450) n`,
    );
    const orphans = await bed.sql<{ kind: string; id: string }>(
      `select distinct kind, id from job_past_attempt p where not exists (select from job j where j.kind = p.kind and j.id = p.id) order by kind, id`,
    );
    const { checked, violations } = await bed.tracker.verify();
    expect(checked).toBe((await bed.tracker.count()) + orphans.length);
    expect(violations.map(({ kind, id, invariant }) => ({ kind, id, invariant }))).toEqual(
      orphans.map((key) => ({ ...key, invariant: 'history-owned' })),
    );
    const ofKind = await bed.tracker.verify({ kind: 'b' });
    expect(ofKind.violations).toEqual(violations.filter(({ kind }) => kind === 'b'));
    const ofIds = await bed.tracker.verify({ ids: ['orphan 7', 'job 5', 'job 6'] });
    expect(ofIds.violations.map(({ kind, id }) => `${kind}/${id}`)).toEqual([
      ...['A/orphan 7', 'a/job 5', 'b/job 5', 'b/orphan 7', 'z/orphan 7'],
    ]);
    // What only a row has, no orphan has.
    expect((await bed.tracker.verify({ status: 'failed' })).violations).toEqual([]);
    await bed.sql(
      'delete from job_past_attempt p where not exists (select from job j where j.kind = p.kind and j.id = p.id)',
    );
    expect((await bed.tracker.verify()).violations).toEqual([]);
  });

  test('a query narrows what is read, and its limit bounds it', async () => {
    expect((await bed.tracker.verify({ kind: 'a' })).checked).toBe(await bed.tracker.count({ kind: 'a' }));
    expect((await bed.tracker.verify({ status: 'pending' })).checked).toBe(await bed.tracker.count({ kind: 'c' }));
    expect((await bed.tracker.verify({ ids: ['job 1', 'job 2'] })).checked).toBe(6);
    expect((await bed.tracker.verify({ ids: [] })).checked).toBe(0);
    for (const limit of [1, 199, 200, 201, 950]) expect((await bed.tracker.verify({ limit })).checked).toBe(limit);
  });
});

test('a system at work is no violation, whenever it is looked at', async () => {
  const database = await createTestDatabase();
  const apps = await Promise.all(['one', 'two'].map((worker) => startApp({ url: database.url, tracking: { worker } })));
  const [{ tracker }] = apps as [TestApp, TestApp];
  await tracker.registerMany(Array.from({ length: 60 }, (_, i) => ({ kind: 'work', id: `${i}`, data: { i } })));
  const policy = { concurrency: 8, pollInterval: 20, lease: 2_000, backoff: 0, maxAttempts: 9, maxCrashes: 9 };
  const work = async (run: JobRun) => {
    const turn = (run.job.claims + Number(run.job.id)) % 6;
    if (turn === 0) return fail();
    if (turn === 1) return run.snooze(0);
    if (turn === 2) run.set({ data: { turn } });
    if (turn === 3) await run.checkpoint({ turn });
    return turn;
  };
  const consumers = apps.map((app) => app.tracker.consume('work', work, policy));

  // Whoever is at work now is found dead, and what has ended runs again.
  const trouble = async () => {
    await database.sql(`update job set expires_at = now() - interval '1 s' where status = 'in_progress'`);
    await tracker.retryMany({ kind: 'work', status: ['ignored', 'succeeded'] }, { rerun: true });
    await tracker.ignoreMany({ kind: 'work', status: 'failed', limit: 1 }, 'enough');
    await tracker.release({ kind: 'work', id: '7' }).catch(() => {});
  };
  const seen = new Set<string>();
  for (let look = 0; look < 40 || seen.size < 4; look++) {
    const [{ violations }] = await Promise.all([tracker.verify(), trouble()]);
    expect(violations).toEqual([]);
    for (const { outcome } of await database.sql<{ outcome: string }>('select distinct outcome from job_past_attempt'))
      seen.add(outcome);
  }
  for (const consumer of consumers) await consumer.stop();
  expect([...seen].sort()).toEqual(expect.arrayContaining(['crashed', 'failed', 'snoozed', 'succeeded']));
  expect((await tracker.verify()).violations).toEqual([]);
  for (const app of apps) await app.close();
  await database.drop();
}, 60_000);

test.each<[string, object]>([
  ['an unknown key', { kinds: 'a' }],
  ['an id', { id: '1' }],
  ['a status that is none', { status: 'done' }],
  ['a limit of 0', { limit: 0 }],
])('a query with %s is refused', async (_, query) => {
  await using bed = await scratchApp();
  expect((await thrownBy(() => bed.tracker.verify(query as never), InvalidOptionsError)).message).toMatch(/^verify: /);
});

interface Scratch extends AsyncDisposable {
  tracker: JobTrackerService;
  sql: Sql;
}

async function scratchApp(): Promise<Scratch> {
  const database = await createTestDatabase();
  const app = await startApp({ url: database.url });
  const dispose = async () => {
    await app.close();
    await database.drop();
  };
  return { tracker: app.tracker, sql: database.sql, [Symbol.asyncDispose]: dispose };
}

interface Check {
  table: string;
  name: string;
  expression: string;
}

async function dropChecks(sql: Sql): Promise<Check[]> {
  const checks = await sql<Check>(
    `select conrelid::regclass::text as table, conname as name, pg_get_expr(conbin, conrelid) as expression from pg_constraint
     where contype = 'c' and conrelid in ('job'::regclass, 'job_past_attempt'::regclass)`,
  );
  for (const { table, name } of checks) await sql(`alter table ${table} drop constraint ${name}`);
  return checks;
}
