import { once } from 'node:events';
import { defineJob, InvalidOptionsError } from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { holdRun } from '../support/held-run.js';
import { expireLease } from '../support/job-rows.js';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp({ tracking: { grace: 50 } });
const none = { succeeded: 0, failed: 0, ignored: 0, snoozed: 0, interrupted: 0, released: 0, crashed: 0 };
const boom = () => {
  throw new Error('boom');
};

test('drain runs everything that is due, each once, and stops', async () => {
  await bed.tracker.registerMany(Array.from({ length: 300 }, (_, i) => ({ kind: 'drain', id: String(i), data: i })));
  const ran: unknown[] = [];
  const consumer = bed.tracker.consume('drain', (run) => ran.push(run.job.data), { concurrency: 50 });
  await consumer.drain();
  expect(ran.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 300 }, (_, i) => i));
  expect(consumer.counts).toEqual({ ...none, succeeded: 300 });
  expect(await bed.tracker.summary('drain')).toMatchObject({ drain: { succeeded: 300, pending: 0 } });

  await bed.tracker.register({ kind: 'drain', id: 'afterwards' });
  await consumer.drain();
  expect(ran).toHaveLength(300);
});

test('higher priorities first, then who waits longest', async () => {
  const kind = 'order';
  const at = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  await bed.tracker.registerMany([
    { kind, id: 'low', priority: 0, runAt: at(9) },
    { kind, id: 'high, late', priority: 9, runAt: at(1) },
    { kind, id: 'middle', priority: 5, runAt: at(5) },
    { kind, id: 'high, early', priority: 9, runAt: at(2) },
  ]);
  const ran: string[] = [];
  await bed.tracker.consume(kind, (run) => void ran.push(run.job.id), { concurrency: 1 }).drain();
  expect(ran).toEqual(['high, early', 'high, late', 'middle', 'low']);
});

test('no more run at once than concurrency', async () => {
  await bed.tracker.registerMany(Array.from({ length: 30 }, (_, i) => ({ kind: 'width', id: String(i) })));
  let running = 0;
  let most = 0;
  const consumer = bed.tracker.consume(
    'width',
    async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
    },
    { concurrency: 4 },
  );
  await consumer.drain();
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(4);
});

test('counts tell every way to end, and drain never rejects for a job', async () => {
  const kind = defineJob('ends', {
    maxAttempts: 5,
    backoff: '1h',
    classify: (e) => (e === 'release' ? 'release' : undefined),
  });
  const ends = ['succeeded', 'failed', 'ignored', 'snoozed', 'released'];
  await bed.tracker.registerMany(ends.map((id) => ({ kind, id })));
  const releases = { left: 2 };
  const consumer = bed.tracker.consume(
    kind,
    (run) => {
      if (run.job.id === 'failed') boom();
      if (run.job.id === 'ignored') return run.ignore('no');
      if (run.job.id === 'snoozed') return run.snooze('1h');
      if (run.job.id === 'released' && releases.left-- > 0) throw 'release';
      return 1;
    },
    { pollInterval: 10 },
  );
  await consumer.drain();
  expect(consumer.counts).toEqual({ ...none, succeeded: 2, failed: 1, ignored: 1, snoozed: 1, released: 2 });
});

test('drain throws what the database refuses, as waiting would not help, and leaves the jobs as they were', async () => {
  const job = { kind: 'refused', id: '1' };
  await bed.tracker.register(job);
  await bed.sql('alter table job rename to job_elsewhere');
  try {
    await expect(bed.tracker.consume(job.kind, () => 1).drain()).rejects.toThrow('relation "job" does not exist');
  } finally {
    await bed.sql('alter table job_elsewhere rename to job');
  }
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'pending', claims: 0 });
});

test('a run that lost its lease is counted as nothing: whoever took it away tells', async () => {
  const job = { kind: 'taken-away', id: '1' };
  await bed.tracker.register(job);
  const consumer = bed.tracker.consume(job.kind, async (run) => {
    if (run.job.claims === 1) await bed.tracker.release(job);
  });
  await consumer.drain();
  expect(consumer.counts).toEqual({ ...none, succeeded: 1 });
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'succeeded', claims: 2 });
});

test('a failed job runs again when its backoff has passed, until it is ignored', async () => {
  await bed.tracker.register({ kind: 'failing', id: '1' });
  const consumer = bed.tracker.consume('failing', boom, { maxAttempts: 3, backoff: 0 });
  await consumer.drain();
  expect(consumer.counts).toEqual({ ...none, failed: 3 });
  expect(await bed.tracker.get({ kind: 'failing', id: '1' })).toMatchObject({ status: 'ignored', attempts: 3 });
});

test('a job whose worker died is taken over, or made ignored where it died too often; both deaths are counted', async () => {
  for (const id of ['once', 'too often']) {
    await holdRun(bed.tracker, { kind: 'orphans', id });
    await expireLease(bed.sql, { kind: 'orphans', id });
  }
  await bed.sql(`update job set crashes = 1 where kind = 'orphans' and id = 'too often'`);
  const ran: unknown[] = [];
  const consumer = bed.tracker.consume('orphans', (run) => void ran.push([run.job.id, run.job.crashes]), {
    maxCrashes: 2,
  });
  await consumer.drain();
  expect(ran).toEqual([['once', 1]]);
  expect(consumer.counts).toEqual({ ...none, succeeded: 1, crashed: 2 });
  expect(await bed.tracker.get({ kind: 'orphans', id: 'too often' })).toMatchObject({
    status: 'ignored',
    reason: 'its worker died 2 times',
  });
});

test('jobs of other kinds stay free', async () => {
  await bed.tracker.register({ kind: 'another', id: '1' });
  await bed.tracker.consume('this-one', () => 1).drain();
  expect(await bed.tracker.get({ kind: 'another', id: '1' })).toMatchObject({ status: 'pending', claims: 0 });
});

test('without drain it goes on: what is registered later runs, until stop', async () => {
  const ran: string[] = [];
  const consumer = bed.tracker.consume('later', (run) => void ran.push(run.job.id), { pollInterval: 10 });
  await bed.tracker.register({ kind: 'later', id: '1' });
  await eventually(() => expect(ran).toEqual(['1']));
  await bed.tracker.register({ kind: 'later', id: '2' });
  await eventually(() => expect(ran).toEqual(['1', '2']));
  await consumer.stop();
  await bed.tracker.register({ kind: 'later', id: '3' });
  await bed.tracker.consume('another-later', () => 1).drain();
  expect(ran).toEqual(['1', '2']);
});

test('stop claims no more and waits for what runs, whose signal stays as it is', async () => {
  const entered = Promise.withResolvers<AbortSignal>();
  const end = Promise.withResolvers<void>();
  await bed.tracker.registerMany([
    { kind: 'stop', id: '1' },
    { kind: 'stop', id: '2' },
  ]);
  const consumer = bed.tracker.consume(
    'stop',
    async (run) => {
      entered.resolve(run.signal);
      await end.promise;
    },
    { concurrency: 1 },
  );
  const signal = await entered.promise;
  let stopped = false;
  const stopping = consumer.stop().then(() => {
    stopped = true;
  });
  await bed.tracker.count();
  expect({ stopped, aborted: signal.aborted }).toEqual({ stopped: false, aborted: false });
  end.resolve();
  await stopping;
  expect(consumer.counts).toEqual({ ...none, succeeded: 1 });
  expect(await bed.tracker.get({ kind: 'stop', id: '2' })).toMatchObject({ status: 'pending' });
});

test('await using stops it', async () => {
  const ran: string[] = [];
  {
    await using consumer = bed.tracker.consume('using', (run) => void ran.push(run.job.id), { pollInterval: 10 });
    await bed.tracker.register({ kind: 'using', id: '1' });
    await eventually(() => expect(consumer.counts.succeeded).toBe(1));
  }
  await bed.tracker.register({ kind: 'using', id: '2' });
  await bed.tracker.consume('another-using', () => 1).drain();
  expect(ran).toEqual(['1']);
});

test('timeout and lease of its options hold for its runs', async () => {
  await bed.tracker.register({ kind: 'options', id: '1' });
  const consumer = bed.tracker.consume(
    'options',
    async (run) => {
      await once(run.signal, 'abort');
      throw run.signal.reason;
    },
    { timeout: 20, lease: '7s', backoff: '1h' },
  );
  await consumer.drain();
  expect(await bed.tracker.get({ kind: 'options', id: '1' })).toMatchObject({
    status: 'failed',
    error: { name: 'JobTimeoutError' },
  });
});

test.each<[object, RegExp]>([
  [{ concurrency: 0 }, /expected concurrency to be a whole number from 1 to 10000, got: 0/],
  [{ concurrency: 1.5 }, /concurrency/],
  [{ pollInterval: '30d' }, /expected .*pollInterval to be at most 2147483647 ms, got: "30d"/],
  [{ pollInterval: 0 }, /expected .*pollInterval to be at least 10 ms, got: 0/],
  [{ lease: 30 }, /expected .*lease to be at least 500 ms, got: 30/],
  [{ onMissing: 'refuse' }, /unknown option 'onMissing'/],
  [{ onDuplicate: 'skip' }, /unknown option 'onDuplicate'/],
  [{ concurency: 5 }, /unknown option 'concurency', did you mean 'concurrency'\?/],
])('malformed options are refused at once: %o', async (options, message) => {
  const error = await thrownBy(() => bed.tracker.consume('bad', () => 1, options), InvalidOptionsError);
  expect(error.message).toMatch(message);
});
