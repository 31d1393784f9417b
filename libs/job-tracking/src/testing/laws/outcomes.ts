import assert from 'node:assert/strict';
import { SHORTEST_LEASE } from '../../protocol/index.js';
import { LONG, leaves, SHORT } from '../world.js';
import type { Chapter } from './chapter.js';

export const outcomes: Chapter = {
  subject: 'outcomes',
  laws: {
    'a success keeps its output and ends the lease': async (world) => {
      const grant = await world.running('a');
      assert.equal(await world.succeed(grant, { total: 3 }), true);
      const { status, output, lease, error, finishedAt } = await world.job('a');
      assert.deepEqual(
        { status, output, lease, error },
        { status: 'succeeded', output: { total: 3 }, lease: null, error: null },
      );
      assert.ok(finishedAt);
    },
    'a success without an output, and one with null, read null': async (world) => {
      await world.store.succeed(await world.running('a'), { output: null, data: undefined, reason: null });
      await world.store.succeed(await world.running('b'), { output: 'null', data: undefined, reason: null });
      assert.deepEqual([(await world.job('a')).output, (await world.job('b')).output], [null, null]);
    },
    'a success writes the data that was staged, and leaves it where none was': async (world) => {
      const job = { data: '1', dataHash: 'one' };
      await world.succeed(await world.granted('a', { register: world.newJob('a', job) }), 'done', 2);
      await world.succeed(await world.granted('b', { register: world.newJob('b', job) }), 'done');
      assert.deepEqual([(await world.job('a')).data, (await world.job('b')).data], [2, 1]);
    },
    'a success tells why its output was not kept': async (world) => {
      await world.store.succeed(await world.running('a'), { output: null, data: undefined, reason: 'too large' });
      const { status, reason } = await world.job('a');
      assert.deepEqual([status, reason], ['succeeded', 'too large']);
    },
    'a success clears what the job had against it, never how often it ran': async (world) => {
      await world.failed('a');
      await world.succeed(await world.granted('a'));
      const { failures, crashes, error, claims, attempts } = await world.job('a');
      assert.deepEqual(
        { failures, crashes, error, claims, attempts },
        { failures: 0, crashes: 0, error: null, claims: 2, attempts: 2 },
      );
    },
    'a failure is kept, counted, and due again after its delay': async (world) => {
      const grant = await world.running('a');
      const standing = await world.end(grant, 'failed', { delay: LONG });
      assert.equal(standing?.job?.status, 'failed');
      assert.ok(standing.dueIn > LONG / 2 && standing.dueIn <= LONG);
      const { failures, error, lease } = await world.job('a');
      assert.deepEqual([failures, error?.message, lease], [1, 'no', null]);
    },
    'the failure that uses up the attempts makes the job ignored: bounds of 1, 2 and 3': async (world) => {
      for (const maxAttempts of [1, 2, 3]) {
        const id = `bound-${maxAttempts}`;
        for (let attempt = 1; attempt <= maxAttempts; attempt++) {
          const grant = await world.running(id);
          const standing = await world.end(grant, 'failed', { maxAttempts });
          assert.equal(
            standing?.job?.status,
            attempt < maxAttempts ? 'failed' : 'ignored',
            `${id}, attempt ${attempt}`,
          );
        }
        const { failures, attempts, error, reason } = await world.job(id);
        assert.deepEqual([failures, attempts, error?.message], [maxAttempts, maxAttempts, 'no']);
        assert.ok(reason);
      }
    },
    "a job's own bound goes before the policy's": async (world) => {
      await world.register('a', { maxAttempts: 1 });
      assert.equal((await world.end(await world.granted('a'), 'failed', { maxAttempts: 9 }))?.job?.status, 'ignored');
      await world.register('b', { maxAttempts: 2 });
      assert.equal((await world.end(await world.granted('b'), 'failed', { maxAttempts: 1 }))?.job?.status, 'failed');
    },
    'crashes count against the same bound as failures': async (world) => {
      await world.failed('a');
      await world.orphaned('a');
      await world.end(await world.granted('a'), 'failed', { maxAttempts: 3 });
      const { status, failures, crashes } = await world.job('a');
      assert.deepEqual([status, failures, crashes], ['ignored', 2, 1]);
    },
    'a worker that died once too often makes the job ignored at the takeover, which is told once': async (world) => {
      for (const maxCrashes of [1, 2, 3]) {
        const id = `crash-${maxCrashes}`;
        for (let crash = 1; crash <= maxCrashes; crash++) await world.orphaned(id, { maxCrashes, maxAttempts: 9 });
        const { standing, died } = await world.refused(id, { maxCrashes, maxAttempts: 9 });
        assert.deepEqual([standing.job?.status, standing.job?.crashes, died], ['ignored', maxCrashes, true], id);
        assert.match(standing.job?.reason ?? '', /died/);
        assert.equal((await world.refused(id, { maxCrashes, maxAttempts: 9 })).died, false);
      }
    },
    'a bound of one attempt is at most once, also for crashes': async (world) => {
      await world.orphaned('a', { maxAttempts: 1 });
      const { standing, died } = await world.refused('a', { maxAttempts: 1 });
      assert.deepEqual([standing.job?.status, standing.job?.claims, died], ['ignored', 1, true]);
    },
    'failures and a last crash use up the attempts together': async (world) => {
      await world.failed('a');
      await world.failed('a');
      await world.orphaned('a');
      const { standing } = await world.refused('a');
      assert.deepEqual([standing.job?.status, standing.job?.failures, standing.job?.crashes], ['ignored', 2, 1]);
    },
    'ignored by its handler, a job is ignored at once and keeps why': async (world) => {
      const standing = await world.end(await world.running('a'), 'ignored', { reason: 'the customer is gone' });
      assert.deepEqual([standing?.job?.status, standing?.job?.reason], ['ignored', 'the customer is gone']);
    },
    'snoozed, interrupted and released attempts are given back, and count as no failure': async (world) => {
      for (const outcome of ['snoozed', 'interrupted', 'released'] as const) {
        const standing = await world.end(await world.running(outcome), outcome);
        const { status, attempts, failures, claims } = standing?.job ?? {};
        assert.deepEqual([status, attempts, failures, claims], ['pending', 0, 0, 1], outcome);
        assert.equal((await world.granted(outcome)).job.attempts, 1);
      }
    },
    'what is no failure keeps the last failure on the row': async (world) => {
      await world.failed('a');
      await world.end(await world.granted('a'), 'snoozed');
      const { error, failures } = await world.job('a');
      assert.deepEqual([error?.message, failures], ['no', 1]);
    },
    'a rerun that fails keeps the output of the last success': async (world) => {
      await world.succeeded('a', 'old');
      await world.end(await world.granted('a', { rerun: true }), 'failed');
      const { status, output } = await world.job('a');
      assert.deepEqual([status, output], ['failed', 'old']);
    },
    'an outcome that is sent again is answered as the first was, and changes nothing': async (world) => {
      const success = await world.succeeded('a');
      await leaves(world, 'a', async () => assert.equal(await world.succeed(success), true));
      const failure = await world.failed('b');
      await leaves(world, 'b', async () => assert.equal((await world.end(failure, 'failed'))?.job?.failures, 1));
    },
    'an outcome that is sent again is answered after others have run, too': async (world) => {
      const first = await world.failed('a');
      await world.succeed(await world.granted('a'));
      await leaves(world, 'a', async () => assert.ok(await world.end(first, 'failed')));
    },
    'another outcome than the one that stands is refused': async (world) => {
      const success = await world.succeeded('a');
      await leaves(world, 'a', async () => assert.equal(await world.end(success, 'failed'), null));
      const failure = await world.failed('b');
      await leaves(world, 'b', async () => assert.equal(await world.succeed(failure), false));
    },
    "a rerun's output takes the place of the last": async (world) => {
      await world.succeeded('a', 'old');
      await world.succeed(await world.granted('a', { rerun: true }), 'new');
      assert.equal((await world.job('a')).output, 'new');
    },
    'a success clears crashes too': async (world) => {
      await world.orphaned('a');
      await world.succeed(await world.granted('a'));
      assert.equal((await world.job('a')).crashes, 0);
    },
    'the last error takes the place of the one before': async (world) => {
      await world.failed('a');
      const error = JSON.stringify({ name: 'Error', message: 'again', fingerprint: 'f00d' });
      await world.end(await world.granted('a'), 'failed', { error });
      assert.equal((await world.job('a')).error?.message, 'again');
    },
    'a job that may fail again has no reason yet; one that may not says what used its attempts up': async (world) => {
      await world.orphaned('a');
      const failed = await world.end(await world.granted('a'), 'failed');
      const ignored = await world.end(await world.granted('a'), 'failed');
      const of = await world.end(await world.running('b'), 'failed', { maxAttempts: 1 });
      assert.deepEqual(
        [failed?.job?.reason, ignored?.job?.reason, of?.job?.reason],
        [null, '3 attempts used up: 2 failed, 1 crashed', 'failed once'],
      );
    },
    'crashes of the past make no failed job die: only a takeover finds a worker dead': async (world) => {
      for (let crash = 1; crash <= 2; crash++) await world.orphaned('a', { maxAttempts: 9 });
      await world.end(await world.granted('a', { maxAttempts: 9 }), 'failed', { maxAttempts: 9 });
      const { job, tookOver } = await world.granted('a', { maxAttempts: 9, maxCrashes: 2 });
      assert.deepEqual([tookOver, job.crashes, job.failures], [false, 2, 1]);
    },
    "a worker that died once too often: the job's own bound goes before the policy's": async (world) => {
      const lives = { register: world.newJob('lives', { maxAttempts: 9 }), maxAttempts: 1, maxCrashes: 9 };
      await world.orphaned('lives', lives);
      await world.granted('lives', lives);
      const dies = { register: world.newJob('dies', { maxAttempts: 1 }), maxAttempts: 9, maxCrashes: 9 };
      await world.orphaned('dies', dies);
      assert.equal((await world.refused('dies', dies)).died, true);
    },
    'a job that died keeps the record of the attempt that died, as its last one, and why': async (world) => {
      const grant = await world.orphaned('a', { maxCrashes: 1 });
      await world.store.renew(grant, { lease: SHORTEST_LEASE, progress: { fraction: 0.5, note: null } });
      await world.pass(SHORTEST_LEASE + SHORT);
      const { standing } = await world.refused('a', { maxCrashes: 1, worker: 'who found it' });
      const [attempt, ...more] = await world.attempts('a');
      assert.deepEqual(
        [attempt?.claim, attempt?.attempt, attempt?.worker, attempt?.outcome, more],
        [1, 1, 'dead', 'crashed', []],
      );
      assert.deepEqual(attempt?.startedAt, grant.job.startedAt);
      const { error, reason, progress, attempts } = standing.job ?? {};
      assert.deepEqual(
        [error?.name, error?.message, error?.fingerprint, reason, progress, attempts],
        ['JobCrashedError', 'its worker died once', 'worker-died', 'its worker died once', null, 1],
      );
    },
  },
};
