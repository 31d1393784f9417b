import assert from 'node:assert/strict';
import type { Chapter } from './chapter.js';

export const history: Chapter = {
  subject: 'history',
  laws: {
    'every grant leaves one record, by claim and without a gap': async (world) => {
      await world.failed('a');
      await world.end(await world.granted('a'), 'snoozed');
      await world.orphaned('a');
      await world.succeed(await world.granted('a'));
      await world.end(await world.granted('a', { rerun: true }), 'ignored', { reason: 'no' });
      assert.deepEqual(await world.outcomes('a'), [
        '1.1 failed',
        '2.2 snoozed',
        '3.2 crashed',
        '4.3 succeeded',
        '5.4 ignored',
      ]);
    },
    'an attempt that runs is not in the list until it has ended': async (world) => {
      const grant = await world.running('a');
      assert.deepEqual(await world.outcomes('a'), []);
      await world.succeed(grant);
      assert.deepEqual(await world.outcomes('a'), ['1.1 succeeded']);
    },
    'an attempt keeps its worker and its own error': async (world) => {
      await world.failed('a', { worker: 'one' });
      await world.end(await world.granted('a', { worker: 'two' }), 'snoozed');
      await world.succeed(await world.granted('a', { worker: 'three' }));
      const attempts = await world.attempts('a');
      assert.deepEqual(
        attempts.map(({ worker, error }) => [worker, error?.message ?? null]),
        [
          ['one', 'no'],
          ['two', null],
          ['three', null],
        ],
      );
    },
    'an attempt never starts before its predecessor ended': async (world) => {
      for (let i = 0; i < 5; i++) await world.end(await world.running('a'), 'snoozed');
      const attempts = await world.attempts('a');
      for (const [i, { startedAt, endedAt }] of attempts.entries()) {
        assert.ok(startedAt <= endedAt);
        assert.ok((attempts[i - 1]?.endedAt ?? startedAt) <= startedAt);
      }
    },
    'a success clears no history': async (world) => {
      await world.failed('a');
      await world.succeed(await world.granted('a'));
      assert.equal((await world.attempts('a')).length, 2);
    },
    'an operator changes no record': async (world) => {
      await world.failed('a');
      const before = await world.attempts('a');
      await world.store.ignore(world.key('a'), 'enough');
      await world.store.retry(world.key('a'), { rerun: false });
      assert.deepEqual(await world.attempts('a'), before);
    },
    'a job that was never claimed, and one that is unknown, have no attempts': async (world) => {
      await world.register('a');
      assert.deepEqual([await world.attempts('a'), await world.attempts('unknown')], [[], []]);
    },
  },
};
