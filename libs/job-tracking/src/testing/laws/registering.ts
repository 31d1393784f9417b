import assert from 'node:assert/strict';
import { twenty } from '../world.js';
import type { Chapter } from './chapter.js';

export const registering: Chapter = {
  subject: 'registering',
  laws: {
    'a new job is pending, due, and has never been claimed': async (world) => {
      assert.equal(await world.register('a', { data: '{"n":1}', dataHash: 'h' }), true);
      const { status, data, claims, attempts, failures, crashes, lease, output, error } = await world.job('a');
      assert.deepEqual(
        { status, data, claims, attempts, failures, crashes, lease, output, error },
        {
          status: 'pending',
          data: { n: 1 },
          claims: 0,
          attempts: 0,
          failures: 0,
          crashes: 0,
          lease: null,
          output: null,
          error: null,
        },
      );
    },
    'a known job is not registered again: the first data stays': async (world) => {
      await world.register('a', { data: '"first"', dataHash: 'h1', priority: 3 });
      assert.equal(await world.register('a', { data: '"second"', dataHash: 'h2', priority: 9 }), false);
      const { data, priority } = await world.job('a');
      assert.deepEqual({ data, priority }, { data: 'first', priority: 3 });
    },
    'registering a job that runs or has succeeded changes nothing': async (world) => {
      await world.running('runs');
      await world.succeeded('done');
      assert.equal(await world.register('runs'), false);
      assert.equal(await world.register('done'), false);
      assert.equal((await world.job('runs')).status, 'in_progress');
      assert.equal((await world.job('done')).status, 'succeeded');
    },
    'twenty registrations of one id at once make one job': async (world) => {
      const answers = await twenty(() => world.register('a'));
      assert.equal(answers.filter(Boolean).length, 1);
      assert.equal(await world.store.count(world.filter()), 1);
    },
    'a set registers what is new and passes over what is known, also within itself': async (world) => {
      await world.register('b');
      assert.equal(await world.store.registerSet(['a', 'b', 'c', 'a'].map((id) => world.newJob(id))), 2);
      assert.equal(await world.store.count(world.filter()), 3);
    },
    'of an id that a set holds twice the first data stays': async (world) => {
      const twice = [9, 1, 5, 0, 7].map((n) => world.newJob('a', { data: String(n), dataHash: `h${n}`, priority: n }));
      assert.equal(await world.store.registerSet(twice), 1);
      const { data, priority } = await world.job('a');
      assert.deepEqual({ data, priority }, { data: 9, priority: 9 });
    },
    'sets that overlap register each job once': async (world) => {
      const ids = Array.from({ length: 30 }, (_, i) => `job-${i}`);
      const sets = [ids, ids.toReversed(), ids.slice(10), ids.slice(0, 20)];
      const counts = await Promise.all(sets.map((set) => world.store.registerSet(set.map((id) => world.newJob(id)))));
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        30,
      );
    },
    'ids that differ in case, spaces or normal form are different jobs': async (world) => {
      const ids = ['a', 'A', ' a', 'a ', '\u00e9', 'e\u0301', '\ud83d\ude00'];
      for (const id of ids) assert.equal(await world.register(id), true, JSON.stringify(id));
      for (const id of ids) assert.equal((await world.job(id)).id, id);
    },
    'a key is its two parts, not their text': async (world) => {
      await world.store.register(world.newJob('b/c', { kind: `${world.kind}/a` }));
      assert.equal(await world.store.get({ kind: `${world.kind}/a/b`, id: 'c' }), null);
    },
    'data comes back as the JSON that it was': async (world) => {
      const data = {
        text: 'ü \u2028 "quoted" \\',
        list: [1, 2.5, -0.1, 1e21, null, true],
        nested: { empty: {}, none: [] },
      };
      await world.register('a', { data: JSON.stringify(data), dataHash: 'h' });
      assert.deepEqual((await world.job('a')).data, data);
    },
    'the priority and the bound of its own are kept': async (world) => {
      await world.register('a', { priority: 9, maxAttempts: 7 });
      const { priority, maxAttempts } = await world.job('a');
      assert.deepEqual({ priority, maxAttempts }, { priority: 9, maxAttempts: 7 });
    },
  },
};
