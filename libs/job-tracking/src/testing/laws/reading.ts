import assert from 'node:assert/strict';
import type { JobFilter } from '../../protocol/index.js';
import type { World } from '../world.js';
import type { Chapter } from './chapter.js';

async function pages(world: World, order: 'oldest' | 'newest', limit: number): Promise<string[][]> {
  const found: string[][] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await world.store.list(world.filter(), { order, limit, cursor });
    found.push(page.items.map(({ id }) => id));
    if (page.next === null) return found;
    cursor = page.next;
  }
}

export const reading: Chapter = {
  subject: 'reading',
  laws: {
    'an unknown job reads null': async (world) => {
      assert.equal(await world.store.get(world.key('a')), null);
    },
    'what was written is read at once': async (world) => {
      await world.register('a');
      assert.equal((await world.job('a')).status, 'pending');
      await world.granted('a');
      assert.equal((await world.job('a')).status, 'in_progress');
    },
    'snapshots share nothing with each other': async (world) => {
      await world.register('a', { data: '{"n":1}', dataHash: 'h' });
      const { data } = await world.job('a');
      (data as { n: number }).n = 2;
      assert.deepEqual((await world.job('a')).data, { n: 1 });
    },
    'pages hold every job once, in both orders': async (world) => {
      await world.store.registerSet(
        Array.from({ length: 25 }, (_, i) => world.newJob(`job-${String(i).padStart(2, '0')}`)),
      );
      const oldest = await pages(world, 'oldest', 10);
      const newest = await pages(world, 'newest', 10);
      assert.deepEqual(
        oldest.map(({ length }) => length),
        [10, 10, 5],
      );
      assert.equal(new Set(oldest.flat()).size, 25);
      assert.deepEqual(newest.flat(), oldest.flat().reverse());
    },
    'a full last page has no next': async (world) => {
      await world.store.registerSet(['a', 'b'].map((id) => world.newJob(id)));
      assert.deepEqual((await pages(world, 'oldest', 2)).length, 1);
    },
    'the oldest is the one that changed longest ago': async (world) => {
      for (const id of ['a', 'b', 'c']) {
        await world.register(id);
        await world.pass(5);
      }
      await world.granted('a');
      assert.deepEqual(await pages(world, 'oldest', 10), [['b', 'c', 'a']]);
    },
    'conditions are held together': async (world) => {
      await world.failed('a');
      await world.failed('b');
      await world.succeeded('c');
      const count = (filter: JobFilter) => world.store.count(world.filter(filter));
      assert.equal(await count({ statuses: ['failed'] }), 2);
      assert.equal(await count({ statuses: ['failed', 'succeeded'], ids: ['b', 'c', 'd'] }), 2);
      assert.equal(await count({ errorFingerprint: 'f00d' }), 2);
      assert.equal(await count({ errorFingerprint: 'none' }), 0);
      assert.equal(await count({ statuses: [] }), 0);
      assert.equal(await count({ ids: [] }), 0);
      assert.equal(await count({ limit: 2 }), 2);
    },
    'times bound what changed before and after': async (world) => {
      await world.register('a');
      const { updatedAt } = await world.job('a');
      const [before, after] = [new Date(updatedAt.getTime() - 1), new Date(updatedAt.getTime() + 1)];
      const count = (filter: JobFilter) => world.store.count(world.filter(filter));
      assert.deepEqual([await count({ updatedBefore: after }), await count({ updatedBefore: before })], [1, 0]);
      assert.deepEqual([await count({ updatedAfter: before }), await count({ updatedAfter: after })], [1, 0]);
    },
    'a summary counts every status of a kind, zeros too': async (world) => {
      await world.failed('a');
      await world.running('b');
      await world.register('c');
      assert.deepEqual(await world.store.summary(world.kind), {
        [world.kind]: { pending: 1, in_progress: 1, failed: 1, succeeded: 0, ignored: 0 },
      });
    },
    'a kind without jobs has no summary': async (world) => {
      assert.deepEqual(await world.store.summary(world.kind), {});
    },
    'every change of a job is news of it': async (world) => {
      await world.register('a');
      const one = world.key('a');
      const all = world.filter({ ids: ['a'] });
      let grant = await world.granted('a');
      const again = async (more = {}) => {
        grant = await world.granted('a', more);
      };
      const changes: Record<string, () => Promise<unknown>> = {
        failed: () => world.end(grant, 'failed'),
        'claimed again': () => again(),
        succeeded: () => world.succeed(grant),
        'granted to a rerun': () => again({ rerun: true }),
        snoozed: () => world.end(grant, 'snoozed'),
        'claimed in a set': () => world.due(),
        released: () => world.store.release(one),
        'ignored by hand': () => world.store.ignore(one, 'no'),
        'retried by hand': () => world.store.retry(one, { rerun: false }),
        'ignored with others': () => world.store.ignoreMany(all, 'no'),
        'retried with others': () => world.store.retryMany(all, { rerun: false }),
      };
      let { updatedAt } = await world.job('a');
      for (const [what, change] of Object.entries(changes)) {
        await world.pass(5);
        await change();
        const now = (await world.job('a')).updatedAt;
        assert.ok(now > updatedAt, what);
        updatedAt = now;
      }
    },
  },
};
