import assert from 'node:assert/strict';
import { LONG, leaves } from '../world.js';
import type { Chapter } from './chapter.js';

const plain = { rerun: false };
const SOME = ['a', 'b', 'c', 'd'];

export const operating: Chapter = {
  subject: "operators' verbs",
  laws: {
    'retry makes a failed and an ignored job pending and due, with clean counts': async (world) => {
      await world.end(await world.running('failed'), 'failed', { delay: LONG });
      await world.ignored('ignored');
      for (const id of ['failed', 'ignored']) {
        const { standing, changed } = await world.store.retry(world.key(id), plain);
        const { status, failures, crashes, reason, claims } = standing.job ?? {};
        assert.deepEqual(
          [changed, status, failures, crashes, reason, claims, standing.dueIn],
          [true, 'pending', 0, 0, null, 1, 0],
          id,
        );
      }
    },
    'retry makes a waiting job due now': async (world) => {
      await world.register('a', { runAt: new Date(Date.now() + 10 * LONG) });
      assert.equal((await world.store.retry(world.key('a'), plain)).changed, true);
      await world.granted('a');
    },
    'retry changes nothing of a job that is due already': async (world) => {
      await world.register('a');
      await leaves(world, 'a', async () =>
        assert.equal((await world.store.retry(world.key('a'), plain)).changed, false),
      );
    },
    'retry takes a succeeded job only for a rerun, which keeps its output': async (world) => {
      await world.succeeded('a', 'old');
      await leaves(world, 'a', async () =>
        assert.equal((await world.store.retry(world.key('a'), plain)).changed, false),
      );
      const { standing, changed } = await world.store.retry(world.key('a'), { rerun: true });
      assert.deepEqual([changed, standing.job?.status, standing.job?.output], [true, 'pending', 'old']);
      assert.equal((await world.granted('a')).job.claims, 2);
    },
    'retry gives a job its whole budget again': async (world) => {
      await world.failed('a');
      await world.failed('a');
      await world.store.retry(world.key('a'), plain);
      assert.equal((await world.end(await world.granted('a'), 'failed', { maxAttempts: 2 }))?.job?.status, 'failed');
    },
    'nothing but release takes a running job': async (world) => {
      await world.running('a');
      await leaves(world, 'a', async () => {
        assert.equal((await world.store.retry(world.key('a'), { rerun: true })).changed, false);
        assert.equal((await world.store.ignore(world.key('a'), 'no')).changed, false);
        assert.equal((await world.store.remove(world.key('a'))).changed, false);
      });
    },
    'ignore takes pending and failed jobs, and keeps why': async (world) => {
      await world.register('pending');
      await world.failed('failed');
      for (const id of ['pending', 'failed']) {
        const { standing, changed } = await world.store.ignore(world.key(id), 'cancelled');
        assert.deepEqual([changed, standing.job?.status, standing.job?.reason], [true, 'ignored', 'cancelled'], id);
        await world.refused(id);
      }
    },
    'ignore leaves what has succeeded or is ignored': async (world) => {
      await world.succeeded('done');
      await world.ignored('ignored');
      for (const id of ['done', 'ignored'])
        await leaves(world, id, async () =>
          assert.equal((await world.store.ignore(world.key(id), 'no')).changed, false),
        );
    },
    'release makes a running job pending, due, and gives its attempt back': async (world) => {
      await world.running('a');
      const { standing, changed } = await world.store.release(world.key('a'));
      assert.deepEqual(
        [changed, standing.job?.status, standing.job?.attempts, standing.job?.lease],
        [true, 'pending', 0, null],
      );
      assert.deepEqual(await world.outcomes('a'), ['1.1 released']);
      await world.granted('a');
    },
    'release leaves a job that does not run': async (world) => {
      await world.register('pending');
      await world.failed('failed');
      await world.succeeded('done');
      for (const id of ['pending', 'failed', 'done'])
        await leaves(world, id, async () => assert.equal((await world.store.release(world.key(id))).changed, false));
    },
    'remove takes the job with its history, and answers what it was': async (world) => {
      await world.failed('a');
      await world.succeed(await world.granted('a'), 'last');
      const { standing, changed } = await world.store.remove(world.key('a'));
      assert.deepEqual([changed, standing.job?.output], [true, 'last']);
      assert.deepEqual([await world.store.get(world.key('a')), await world.attempts('a')], [null, []]);
    },
    'a removed id starts over at claim 1': async (world) => {
      await world.failed('a');
      await world.store.remove(world.key('a'));
      await world.failed('a');
      await world.succeed(await world.granted('a'));
      assert.deepEqual(await world.outcomes('a'), ['1.1 failed', '2.2 succeeded']);
    },
    'a verb for an unknown job finds none': async (world) => {
      for (const change of [
        world.store.retry(world.key('a'), plain),
        world.store.ignore(world.key('a'), 'no'),
        world.store.release(world.key('a')),
        world.store.remove(world.key('a')),
      ])
        assert.deepEqual([(await change).standing.job, (await change).changed], [null, false]);
    },
    'verbs for many change what matches, and count it': async (world) => {
      for (const id of ['a', 'b', 'c']) await world.failed(id);
      await world.running('runs');
      await world.succeeded('done');
      assert.equal(await world.store.retryMany(world.filter({ ids: ['a', 'runs', 'done', 'unknown'] }), plain), 1);
      assert.equal(await world.store.ignoreMany(world.filter({ statuses: ['failed'] }), 'enough'), 2);
      assert.equal(await world.store.retryMany(world.filter(), { rerun: true }), 3);
      assert.equal(await world.store.removeMany(world.filter()), 4);
      assert.equal(await world.store.count(world.filter()), 1);
    },
    'retryMany leaves jobs that wait for their time, unless pending ones are asked for by name': async (world) => {
      await world.register('a', { runAt: new Date(Date.now() + 10 * LONG) });
      assert.equal(await world.store.retryMany(world.filter(), plain), 0);
      assert.equal(await world.store.retryMany(world.filter({ statuses: ['pending'] }), plain), 1);
    },
    'verbs for many change no more than the limit': async (world) => {
      for (const id of ['a', 'b', 'c']) await world.register(id);
      assert.equal(await world.store.ignoreMany(world.filter({ limit: 2 }), 'enough'), 2);
      assert.equal(await world.store.count(world.filter({ statuses: ['ignored'] })), 2);
    },
    'an empty list matches nothing': async (world) => {
      await world.failed('a');
      assert.equal(await world.store.retryMany(world.filter({ ids: [] }), plain), 0);
      assert.equal(await world.store.removeMany(world.filter({ statuses: [] })), 0);
    },
    'retry puts a failed job behind those that wait, and lets one that waits keep its place': async (world) => {
      await world.failed('failed');
      await world.end(await world.running('waits'), 'failed');
      await world.end(await world.granted('waits'), 'snoozed');
      await world.pass(5);
      const before = [await world.job('failed'), await world.job('waits')];
      for (const id of ['failed', 'waits'])
        assert.equal((await world.store.retry(world.key(id), plain)).changed, true, id);
      const after = [await world.job('failed'), await world.job('waits')];
      assert.ok(before[0] && after[0] && after[0].runAt > before[0].runAt);
      assert.deepEqual([after[1]?.runAt, after[1]?.failures], [before[1]?.runAt, 0]);
    },
    'retryMany does to each what retry does': async (world) => {
      await world.failed('failed');
      await world.end(await world.running('waits'), 'failed');
      await world.end(await world.granted('waits'), 'snoozed');
      await world.ignored('ignored');
      await world.register('due');
      await world.pass(5);
      const before = await world.job('waits');
      assert.equal(await world.store.retryMany(world.filter({ statuses: ['failed', 'ignored'] }), plain), 2);
      assert.equal(
        await world.store.retryMany(world.filter({ ids: ['waits', 'due'], statuses: ['pending'] }), plain),
        1,
      );
      for (const id of ['failed', 'ignored', 'waits']) {
        const { status, failures, crashes, reason } = await world.job(id);
        assert.deepEqual([status, failures, crashes, reason], ['pending', 0, 0, null], id);
      }
      assert.deepEqual((await world.job('waits')).runAt, before.runAt);
      assert.equal((await world.due()).grants.length, 4);
    },
    'retry clears crashes too': async (world) => {
      for (const id of ['one', 'many']) {
        await world.orphaned(id, { maxCrashes: 1 });
        await world.refused(id, { maxCrashes: 1 });
      }
      await world.store.retry(world.key('one'), plain);
      await world.store.retryMany(world.filter({ ids: ['many'] }), plain);
      for (const id of ['one', 'many']) assert.equal((await world.job(id)).crashes, 0, id);
    },
    'a released job is due at once, though it had failed and backed off': async (world) => {
      await world.end(await world.running('a'), 'failed', { delay: LONG });
      await world.granted('a');
      assert.equal((await world.store.release(world.key('a'))).standing.dueIn, 0);
    },
    'a verb changes no other job of its kind': async (world) => {
      for (const id of ['a', 'b', 'c', 'd']) await world.failed(id);
      for (const id of ['c', 'd']) await world.granted(id);
      for (const change of [
        () => world.store.retry(world.key('a'), plain),
        () => world.store.ignore(world.key('a'), 'no'),
      ])
        await leaves(world, 'b', change);
      await leaves(world, 'd', () => world.store.release(world.key('c')));
      await leaves(world, 'b', () => world.store.remove(world.key('a')));
    },
    'a verb changes no job of the same id in another kind': async (world) => {
      const kind = `${world.kind}-other`;
      for (const id of ['a', 'b']) {
        await world.failed(id);
        await world.end(await world.granted(id, { kind, register: world.newJob(id, { kind }) }), 'failed');
      }
      await world.granted('b', { kind });
      await world.granted('b');
      const before = await Promise.all(['a', 'b'].map((id) => world.store.get({ kind, id })));
      await world.store.retry(world.key('a'), plain);
      await world.store.ignore(world.key('a'), 'no');
      await world.store.release(world.key('b'));
      await world.store.remove(world.key('a'));
      assert.deepEqual(await Promise.all(['a', 'b'].map((id) => world.store.get({ kind, id }))), before);
    },
    'remove takes the history of no other job': async (world) => {
      const kind = `${world.kind}-other`;
      await world.granted('a', { kind, register: world.newJob('a', { kind }) });
      await world.store.release({ kind, id: 'a' });
      await world.granted('a', { kind });
      for (const id of ['a', 'b', 'c', 'd']) {
        await world.failed(id);
        await world.end(await world.granted(id), 'failed');
      }
      await world.store.remove(world.key('a'));
      await world.store.removeMany(world.filter({ ids: ['b', 'c'] }));
      assert.deepEqual(await world.outcomes('d'), ['1.1 failed', '2.2 failed']);
      assert.deepEqual((await world.store.attempts({ kind, id: 'a' })).length, 1);
      for (const id of ['a', 'b', 'c']) {
        await world.failed(id);
        await world.end(await world.granted(id), 'failed');
        assert.deepEqual(await world.outcomes(id), ['1.1 failed', '2.2 failed']);
      }
    },
    'ignoreMany of failed jobs does not ignore one that a retry has made pending meanwhile': async (world) => {
      for (const id of SOME) await world.failed(id);
      await Promise.all([
        world.store.ignoreMany(world.filter({ statuses: ['failed'] }), 'enough'),
        ...SOME.map((id) => world.store.retry(world.key(id), plain)),
      ]);
      for (const id of SOME) assert.equal((await world.job(id)).status, 'pending', id);
    },
    'retryMany of failed jobs does not retry one that was ignored meanwhile': async (world) => {
      for (const id of SOME) await world.failed(id);
      await Promise.all([
        world.store.retryMany(world.filter({ statuses: ['failed'] }), plain),
        ...SOME.map((id) => world.store.ignore(world.key(id), 'enough')),
      ]);
      for (const id of SOME) assert.equal((await world.job(id)).status, 'ignored', id);
    },
    'removeMany of failed jobs does not remove one that a retry has made pending meanwhile': async (world) => {
      for (const id of SOME) await world.failed(id);
      const [removed, ...retries] = await Promise.all([
        world.store.removeMany(world.filter({ statuses: ['failed'] })),
        ...SOME.map((id) => world.store.retry(world.key(id), plain)),
      ]);
      const retried = SOME.filter((_, i) => retries[i]?.changed);
      const left = await Promise.all(SOME.map((id) => world.store.get(world.key(id))));
      assert.deepEqual(
        left.flatMap((job) => (job ? [[job.id, job.status]] : [])),
        retried.map((id) => [id, 'pending']),
      );
      assert.equal(removed, SOME.length - retried.length);
    },
    'ignoreMany keeps why': async (world) => {
      await world.register('a');
      await world.store.ignoreMany(world.filter(), 'enough');
      assert.equal((await world.job('a')).reason, 'enough');
    },
  },
};
