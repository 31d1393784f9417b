import assert from 'node:assert/strict';
import type { Grant } from '../../protocol/index.js';
import { LONG, leaves, type World } from '../world.js';
import type { Chapter } from './chapter.js';

/** Every write that a run can make, and the answer that says that its lease is lost. */
async function refusesEveryWrite(world: World, grant: Grant): Promise<void> {
  const { store } = world;
  assert.equal(await store.renew(grant, { lease: LONG, progress: { fraction: 1, note: 'mine' } }), null, 'renew');
  assert.equal(await store.checkpoint(grant, '"stale"'), false, 'checkpoint');
  assert.equal(await store.isHeld(grant), false, 'isHeld');
  assert.equal(await world.succeed(grant, 'stale', 'stale'), false, 'succeed');
  for (const outcome of ['failed', 'ignored', 'snoozed', 'interrupted'] as const)
    assert.equal(await world.end(grant, outcome, { reason: 'stale' }), null, outcome);
}

export const fencing: Chapter = {
  subject: 'fencing',
  laws: {
    'a stale worker writes nothing while its successor runs': async (world) => {
      const stale = await world.orphaned('a');
      await world.granted('a');
      await leaves(world, 'a', () => refusesEveryWrite(world, stale));
    },
    "a stale worker does not overwrite its successor's success": async (world) => {
      const stale = await world.orphaned('a');
      await world.succeed(await world.granted('a'), 'the successor');
      await leaves(world, 'a', () => refusesEveryWrite(world, stale));
      assert.equal((await world.job('a')).output, 'the successor');
    },
    "a stale worker does not overwrite its successor's failure": async (world) => {
      const stale = await world.orphaned('a');
      await world.end(await world.granted('a'), 'failed', { delay: LONG });
      await leaves(world, 'a', () => refusesEveryWrite(world, stale));
    },
    'a released run writes nothing': async (world) => {
      const released = await world.running('a');
      await world.store.release(world.key('a'));
      await leaves(world, 'a', () => refusesEveryWrite(world, released));
    },
    'a run whose job was found dead once too often writes nothing': async (world) => {
      const stale = await world.orphaned('a', { maxCrashes: 1 });
      await world.refused('a', { maxCrashes: 1 });
      await leaves(world, 'a', () => refusesEveryWrite(world, stale));
    },
    'a run whose job was removed and registered anew writes nothing': async (world) => {
      const old = await world.running('a');
      await world.store.release(world.key('a'));
      await world.store.remove(world.key('a'));
      await world.running('a');
      await leaves(world, 'a', () => refusesEveryWrite(world, old));
    },
    'a run of a removed job writes nothing': async (world) => {
      const old = await world.running('a');
      await world.store.release(world.key('a'));
      await world.store.remove(world.key('a'));
      await refusesEveryWrite(world, old);
      assert.equal(await world.store.get(world.key('a')), null);
    },
    'an ended run renews and keeps nothing': async (world) => {
      const grant = await world.failed('a');
      await leaves(world, 'a', async () => {
        assert.equal(await world.store.renew(grant, { lease: LONG, progress: null }), null);
        assert.equal(await world.store.checkpoint(grant, '1'), false);
      });
    },
    'a late worker that nobody has replaced still records its outcome': async (world) => {
      const late = await world.orphaned('a');
      assert.equal(await world.succeed(late, 'late'), true);
      assert.deepEqual([(await world.job('a')).output, (await world.job('a')).crashes], ['late', 0]);
    },
    'a token fences one job only': async (world) => {
      const grant = await world.running('a');
      await world.running('b');
      assert.equal(await world.succeed({ ...grant, id: 'b' }), false);
      assert.equal((await world.job('b')).status, 'in_progress');
    },
    "a token opens no other job's row, nor its record": async (world) => {
      const kind = `${world.kind}-other`;
      const grant = await world.running('a');
      await world.running('b');
      await world.granted('a', { kind, register: world.newJob('a', { kind }) });
      for (const elsewhere of [
        { ...grant, id: 'b' },
        { ...grant, kind },
      ])
        await leaves(world, 'a', () => refusesEveryWrite(world, elsewhere));
      await world.end(grant, 'failed');
      assert.equal(await world.end({ ...grant, id: 'b' }, 'failed'), null);
      await world.granted('a');
      for (const elsewhere of [
        { ...grant, id: 'b' },
        { ...grant, kind },
      ])
        assert.equal(await world.end(elsewhere, 'failed'), null);
    },
    'an outcome that others have followed is known by its own token alone': async (world) => {
      const first = await world.failed('a');
      const second = await world.granted('a');
      await world.end(second, 'snoozed');
      await world.granted('a');
      assert.equal(await world.end(first, 'snoozed'), null);
      assert.equal(await world.end(second, 'failed'), null);
      assert.ok(await world.end(first, 'failed'));
      assert.ok(await world.end(second, 'snoozed'));
    },
  },
};
