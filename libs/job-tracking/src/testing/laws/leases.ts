import assert from 'node:assert/strict';
import { SHORTEST_LEASE } from '../../protocol/index.js';
import { LONG, SHORT, twenty } from '../world.js';
import type { Chapter } from './chapter.js';

export const leases: Chapter = {
  subject: 'leases',
  laws: {
    'a job whose lease ran out is taken over, its dead attempt recorded as crashed': async (world) => {
      await world.orphaned('a');
      const grant = await world.granted('a', { worker: 'two' });
      assert.deepEqual([grant.tookOver, grant.job.claims, grant.job.attempts, grant.job.crashes], [true, 2, 2, 1]);
      assert.deepEqual(await world.outcomes('a'), ['1.1 crashed']);
      assert.equal((await world.attempts('a'))[0]?.worker, 'dead');
    },
    'twenty takeovers at once: one grant, one crash': async (world) => {
      await world.orphaned('a');
      const answers = await twenty(() => world.claim('a'));
      assert.equal(answers.filter(({ grant }) => grant).length, 1);
      const { claims, crashes } = await world.job('a');
      assert.deepEqual([claims, crashes], [2, 1]);
    },
    'a renewed job is not taken over past its first lease': async (world) => {
      const grant = await world.running('a', { lease: SHORT });
      assert.ok(await world.store.renew(grant, { lease: LONG, progress: null }));
      await world.pass();
      await world.refused('a');
    },
    'a renewal tells until when the lease is held': async (world) => {
      const grant = await world.running('a', { lease: SHORT });
      const lease = await world.store.renew(grant, { lease: LONG, progress: null });
      assert.ok(lease && lease.heldUntil > performance.now() + LONG / 2);
    },
    'a renewal never shortens a lease': async (world) => {
      const grant = await world.running('a');
      const before = (await world.job('a')).lease?.expiresAt;
      const lease = await world.store.renew(grant, { lease: SHORTEST_LEASE, progress: null });
      assert.deepEqual((await world.job('a')).lease?.expiresAt, before);
      assert.ok(lease && lease.heldUntil > performance.now() + LONG / 2);
    },
    'a renewal is no news of the job: updatedAt stays': async (world) => {
      const grant = await world.running('a');
      const { updatedAt } = await world.job('a');
      await world.pass(5);
      await world.store.renew(grant, { lease: 2 * LONG, progress: { fraction: 0.5, note: null } });
      assert.deepEqual((await world.job('a')).updatedAt, updatedAt);
    },
    'a lease that ran out and that nobody took is renewed': async (world) => {
      const grant = await world.orphaned('a');
      assert.ok(await world.store.renew(grant, { lease: LONG, progress: null }));
      await world.refused('a');
    },
    'progress rides on a renewal, and stays when the next has none': async (world) => {
      const grant = await world.running('a');
      await world.store.renew(grant, { lease: LONG, progress: { fraction: 0.25, note: 'a quarter' } });
      await world.store.renew(grant, { lease: LONG, progress: null });
      const { progress } = await world.job('a');
      assert.deepEqual([progress?.fraction, progress?.note], [0.25, 'a quarter']);
    },
    'progress is of one attempt: the next grant clears it': async (world) => {
      const grant = await world.running('a');
      await world.store.renew(grant, { lease: LONG, progress: { fraction: 1, note: null } });
      await world.end(grant, 'failed');
      assert.equal((await world.granted('a')).job.progress, null);
    },
    'a run holds its job from its grant to its outcome': async (world) => {
      const grant = await world.running('a');
      assert.equal(await world.store.isHeld(grant), true);
      await world.succeed(grant);
      assert.equal(await world.store.isHeld(grant), false);
    },
    'a checkpoint is kept for the next attempt, and cleared by a success': async (world) => {
      const grant = await world.running('a');
      assert.equal(await world.store.checkpoint(grant, '{"offset":7}'), true);
      await world.end(grant, 'failed');
      const next = await world.granted('a');
      assert.deepEqual(next.job.checkpoint, { offset: 7 });
      await world.succeed(next);
      assert.equal((await world.job('a')).checkpoint, null);
    },
    'a checkpoint outlives a dead worker': async (world) => {
      const grant = await world.running('a', { lease: SHORT });
      await world.store.checkpoint(grant, '3');
      await world.pass();
      assert.equal((await world.granted('a')).job.checkpoint, 3);
    },
    'a lease that ran out has nothing left, not less': async (world) => {
      await world.orphaned('a');
      assert.equal((await world.store.register(world.newJob('a'))).standing.expiresIn, 0);
    },
    'new progress has its own note, and none clears the last': async (world) => {
      const grant = await world.running('a');
      await world.store.renew(grant, { lease: LONG, progress: { fraction: 0.25, note: 'a quarter' } });
      await world.store.renew(grant, { lease: LONG, progress: { fraction: 0.5, note: null } });
      const { progress } = await world.job('a');
      assert.deepEqual([progress?.fraction, progress?.note], [0.5, null]);
    },
    'progress has the time at which it was told': async (world) => {
      const grant = await world.running('a');
      await world.store.renew(grant, { lease: LONG, progress: { fraction: 0.25, note: null } });
      const told = (await world.job('a')).progress?.at;
      await world.pass(5);
      await world.store.renew(grant, { lease: LONG, progress: null });
      assert.deepEqual((await world.job('a')).progress?.at, told);
      await world.store.renew(grant, { lease: LONG, progress: { fraction: 0.5, note: null } });
      assert.ok(told && ((await world.job('a')).progress?.at ?? told) > told);
    },
  },
};
