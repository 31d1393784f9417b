import assert from 'node:assert/strict';
import { LONG, leaves, SHORT, twenty } from '../world.js';
import type { Chapter } from './chapter.js';

export const granting: Chapter = {
  subject: 'granting',
  laws: {
    'a pending job is granted: claim 1, attempt 1, with the lease on the row': async (world) => {
      await world.register('a');
      const grant = await world.granted('a', { worker: 'w' });
      assert.deepEqual(
        [grant.job.status, grant.job.claims, grant.job.attempts, grant.tookOver],
        ['in_progress', 1, 1, false],
      );
      const { lease, startedAt, finishedAt } = await world.job('a');
      assert.deepEqual([lease?.claim, lease?.worker, finishedAt], [1, 'w', null]);
      assert.equal(lease && startedAt && lease.expiresAt.getTime() - startedAt.getTime(), LONG);
    },
    'the lease counts from before the claim was sent': async (world) => {
      const before = performance.now();
      const { heldUntil } = await world.running('a');
      assert.ok(heldUntil <= performance.now() + LONG);
      assert.ok(heldUntil >= before + LONG - 5_000);
    },
    'a missing job is refused where it is not to be registered': async (world) => {
      assert.equal((await world.refused('a')).standing.job, null);
      assert.equal(await world.store.get(world.key('a')), null);
    },
    'a missing job is registered and granted in one': async (world) => {
      const grant = await world.granted('a', {
        register: world.newJob('a', { data: '5', dataHash: 'h', priority: 2, maxAttempts: 4 }),
      });
      assert.deepEqual([grant.job.data, grant.job.priority, grant.job.maxAttempts, grant.job.claims], [5, 2, 4, 1]);
    },
    'a claim that would register finds the first data': async (world) => {
      await world.register('a', { data: '"first"', dataHash: 'h1' });
      const grant = await world.granted('a', { register: world.newJob('a', { data: '"second"', dataHash: 'h2' }) });
      assert.equal(grant.job.data, 'first');
    },
    'a claim that registers for a later time registers, and is refused': async (world) => {
      const runAt = new Date(Date.now() + 10 * LONG);
      const { standing } = await world.refused('a', { register: world.newJob('a', { runAt }) });
      assert.equal(standing.job?.status, 'pending');
      assert.ok(standing.dueIn > 0);
    },
    'twenty claims of one pending job at once: one grant': async (world) => {
      await world.register('a');
      const answers = await twenty(() => world.claim('a'));
      assert.equal(answers.filter(({ grant }) => grant).length, 1);
      assert.equal((await world.job('a')).claims, 1);
    },
    'twenty claims of one missing job at once: one job, one grant': async (world) => {
      const answers = await twenty(() => world.claim('a', { register: world.newJob('a') }));
      assert.equal(answers.filter(({ grant }) => grant).length, 1);
      assert.equal(await world.store.count(world.filter()), 1);
    },
    'twenty claims of one failed job at once: one grant, one attempt in history': async (world) => {
      await world.failed('a');
      const answers = await twenty(() => world.claim('a'));
      assert.equal(answers.filter(({ grant }) => grant).length, 1);
      assert.deepEqual(await world.outcomes('a'), ['1.1 failed']);
    },
    'who is refused by a holder sees that very holder': async (world) => {
      await world.register('a');
      const answers = await Promise.all(['v', 'w', 'x', 'y', 'z'].map((worker) => world.claim('a', { worker })));
      const holder = answers.find(({ grant }) => grant)?.grant?.worker;
      for (const answer of answers) if (!answer.grant) assert.equal(answer.standing.job?.lease?.worker, holder);
    },
    'a held job is refused until its lease ends, which the refusal tells': async (world) => {
      await world.running('a');
      const { standing, died } = await world.refused('a');
      assert.deepEqual([standing.job?.status, died], ['in_progress', false]);
      assert.ok(standing.expiresIn > 0 && standing.expiresIn <= LONG);
    },
    'a refusal changes nothing and leaves no record': async (world) => {
      await world.running('a');
      await leaves(world, 'a', () => world.refused('a'));
      assert.deepEqual(await world.attempts('a'), []);
    },
    'a job that waits for its time is refused, then granted': async (world) => {
      const grant = await world.running('a');
      await world.end(grant, 'snoozed', { delay: LONG });
      assert.ok((await world.refused('a')).standing.dueIn > LONG / 2);
      await world.store.retry(world.key('a'), { rerun: false });
      await world.granted('a');
    },
    'a failed job that backs off is refused to a claim that waits for that, then granted': async (world) => {
      const grant = await world.running('a');
      await world.end(grant, 'failed', { delay: LONG });
      const { standing } = await world.refused('a', { early: false });
      assert.equal(standing.job?.status, 'failed');
      assert.ok(standing.dueIn > LONG / 2 && standing.dueIn <= LONG);
      await world.store.retry(world.key('a'), { rerun: false });
      assert.equal((await world.granted('a', { early: false })).job.attempts, 2);
    },
    'a failed job whose backoff has passed is granted to whoever asks': async (world) => {
      const grant = await world.running('a');
      await world.end(grant, 'failed', { delay: 0 });
      assert.equal((await world.granted('a', { early: false })).job.attempts, 2);
    },
    'a failed job is granted to an explicit claim before its backoff has passed': async (world) => {
      const grant = await world.running('a');
      await world.end(grant, 'failed', { delay: LONG });
      assert.equal((await world.granted('a')).job.attempts, 2);
    },
    'a succeeded job is refused with its output': async (world) => {
      await world.succeeded('a', { n: 1 });
      assert.deepEqual((await world.refused('a')).standing.job?.output, { n: 1 });
    },
    'a succeeded job is granted again where a rerun is asked for': async (world) => {
      await world.succeeded('a', 'old');
      const grant = await world.granted('a', { rerun: true });
      assert.deepEqual([grant.job.claims, grant.job.attempts, grant.job.output], [2, 2, 'old']);
    },
    'an ignored job is refused, rerun or not': async (world) => {
      await world.ignored('a');
      assert.equal((await world.refused('a')).standing.job?.reason, 'gone');
      await world.refused('a', { rerun: true });
    },
    'a claim that is sent again while it holds answers the same grant': async (world) => {
      const request = world.request('a', { register: world.newJob('a') });
      const [first, second] = [await world.store.claim(request), await world.store.claim(request)];
      assert.ok(first.grant && second.grant);
      assert.deepEqual([second.grant.token, second.grant.job.claims], [first.grant.token, 1]);
    },
    'a token that was used is never granted again': async (world) => {
      const request = world.request('a', { register: world.newJob('a') });
      const { grant } = await world.store.claim(request);
      assert.ok(grant);
      await world.end(grant, 'failed');
      assert.equal((await world.store.claim(request)).grant, null);
      assert.equal((await world.job('a')).claims, 1);
    },
    'a token that was used is never granted again, though others were granted after it': async (world) => {
      const request = world.request('a', { register: world.newJob('a') });
      const { grant } = await world.store.claim(request);
      assert.ok(grant);
      await world.end(grant, 'failed');
      await world.end(await world.granted('a'), 'failed');
      assert.equal((await world.store.claim(request)).grant, null);
      const successor = await world.granted('a', { lease: SHORT });
      await world.pass();
      assert.equal((await world.store.claim(request)).grant, null);
      assert.equal((await world.job('a')).claims, 3);
      assert.equal(await world.store.isHeld(successor), true);
      assert.equal(await world.store.isHeld(grant), false);
    },
    'a token is not granted again after its lease ran out': async (world) => {
      const request = world.request('a', { register: world.newJob('a'), lease: SHORT });
      await world.store.claim(request);
      await world.pass();
      const again = await world.store.claim(request);
      if (again.grant) assert.equal(again.grant.job.claims, 1);
      assert.equal((await world.job('a')).claims, 1);
    },
    'other data than was registered is told as a mismatch': async (world) => {
      await world.register('a', { data: '1', dataHash: 'one' });
      assert.equal((await world.refused('a', { dataHash: 'two' })).standing.mismatch, true);
      assert.equal((await world.refused('a', { dataHash: null })).standing.mismatch, true);
      await world.granted('a', { dataHash: 'one' });
    },
    'a mismatch is told in every state, and changes none': async (world) => {
      await world.succeeded('done');
      await world.failed('failed');
      await world.running('runs');
      for (const id of ['done', 'failed', 'runs'])
        await leaves(world, id, async () =>
          assert.equal((await world.refused(id, { dataHash: 'two' })).standing.mismatch, true),
        );
    },
    'data is not compared where that is not asked': async (world) => {
      await world.register('a', { data: '1', dataHash: 'one' });
      assert.equal((await world.granted('a', { dataHash: undefined })).job.data, 1);
    },
    'a claim grants no job of the same id in another kind': async (world) => {
      const other = { kind: `${world.kind}-other` };
      for (const id of ['new', 'failed']) {
        await world.store.register(world.newJob(id, other));
        await world.register(id);
      }
      await world.end(await world.granted('failed', other), 'failed');
      await world.end(await world.granted('failed'), 'failed');
      for (const id of ['new', 'failed']) await world.granted(id);
      const claims = await Promise.all(['new', 'failed'].map((id) => world.store.get({ ...other, id })));
      assert.deepEqual(
        claims.map((job) => [job?.status, job?.claims]),
        [
          ['pending', 0],
          ['failed', 1],
        ],
      );
    },
    'a claim grants no other job of its kind': async (world) => {
      for (const id of ['a', 'b']) await world.failed(id);
      await world.granted('a');
      assert.deepEqual([(await world.job('a')).claims, (await world.job('b')).claims], [2, 1]);
    },
    'a job that was registered before is granted to who asks for it now, as its first attempt': async (world) => {
      await world.register('a');
      const { updatedAt } = await world.job('a');
      await world.pass(5);
      await world.granted('a', { register: world.newJob('a'), worker: 'two' });
      const job = await world.job('a');
      assert.deepEqual([job.lease?.worker, job.claims, job.attempts], ['two', 1, 1]);
      assert.ok(job.updatedAt > updatedAt);
    },
    'a registered job that waits, is ignored or has other data is not granted to a claim that would register it':
      async (world) => {
        await world.register('later', { runAt: new Date(Date.now() + 10 * LONG) });
        await world.register('ignored');
        await world.store.ignore(world.key('ignored'), 'cancelled');
        await world.register('other', { data: '1', dataHash: 'one' });
        for (const id of ['later', 'ignored']) {
          await leaves(world, id, () => world.refused(id, { register: world.newJob(id) }));
        }
        const register = world.newJob('other', { data: '2', dataHash: 'two' });
        await leaves(world, 'other', () => world.refused('other', { register, dataHash: 'two' }));
      },
    'data that was registered by a claim is compared by the next': async (world) => {
      const register = world.newJob('a', { data: '1', dataHash: 'one' });
      await world.end(await world.granted('a', { register }), 'failed');
      assert.equal((await world.refused('a', { register, dataHash: 'two' })).standing.mismatch, true);
      await world.granted('a', { register, dataHash: 'one' });
    },
    'a missing job is no mismatch': async (world) => {
      assert.equal((await world.refused('a', { dataHash: 'one' })).standing.mismatch, false);
    },
    'a rerun leaves behind why the last output was not kept': async (world) => {
      await world.store.succeed(await world.running('a'), { output: null, data: undefined, reason: 'too large' });
      assert.equal((await world.granted('a', { rerun: true })).job.reason, null);
    },
    'the last failure stays on the row while the next attempt runs': async (world) => {
      await world.failed('a');
      assert.equal((await world.granted('a')).job.error?.message, 'no');
    },
  },
};
