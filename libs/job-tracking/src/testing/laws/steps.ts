import assert from 'node:assert/strict';
import { SHORT, type World } from '../world.js';
import type { Chapter } from './chapter.js';

/** The same id in the kind of an earlier step. */
async function stepDone(world: World, step: string, id: string): Promise<void> {
  const kind = `${world.kind}-${step}`;
  const grant = await world.granted(id, { kind, register: world.newJob(id, { kind }) });
  assert.ok(await world.succeed(grant));
}

const steps = (world: World, ...names: string[]) => names.map((name) => `${world.kind}-${name}`);

export const ordering: Chapter = {
  subject: 'steps',
  laws: {
    'a job whose earlier steps have not succeeded is refused, and told which': async (world) => {
      await world.register('a');
      await stepDone(world, 'one', 'a');
      const { standing } = await world.refused('a', { after: steps(world, 'one', 'two') });
      assert.deepEqual(standing.waitsFor, steps(world, 'two'));
      assert.equal((await world.job('a')).claims, 0);
    },
    'it is granted when all of them have': async (world) => {
      await world.register('a');
      await stepDone(world, 'one', 'a');
      await stepDone(world, 'two', 'a');
      await world.granted('a', { after: steps(world, 'one', 'two') });
    },
    'a step of another id does not count': async (world) => {
      await stepDone(world, 'one', 'other');
      await world.register('a');
      await world.refused('a', { after: steps(world, 'one') });
    },
    'a missing job that is not ready is not registered': async (world) => {
      await world.refused('a', { register: world.newJob('a'), after: steps(world, 'one') });
      assert.equal(await world.store.get(world.key('a')), null);
    },
    'a missing job that is ready is registered and granted': async (world) => {
      await stepDone(world, 'one', 'a');
      await world.granted('a', { register: world.newJob('a'), after: steps(world, 'one') });
    },
    'a failed job waits for its steps too': async (world) => {
      await world.failed('a');
      assert.deepEqual(
        (await world.refused('a', { after: steps(world, 'one') })).standing.waitsFor,
        steps(world, 'one'),
      );
    },
    'orphans that must wait for a step again take no place from an orphan behind them': async (world) => {
      for (const id of ['a', 'b', 'c', 'z']) await world.running(id, { lease: SHORT });
      await stepDone(world, 'one', 'z');
      await world.pass();
      const ids = async () => (await world.due(1, { after: steps(world, 'one') })).grants.map(({ id }) => id);
      assert.deepEqual([await ids(), await ids()], [['z'], []]);
      for (const id of ['a', 'b', 'c']) assert.equal((await world.job(id)).status, 'in_progress', id);
    },
    'an orphan that must wait for a step takes no place from a job that is due': async (world) => {
      for (const id of ['a', 'b']) await world.running(id, { lease: SHORT });
      await world.pass();
      await stepDone(world, 'one', 'z');
      await world.register('z');
      const { grants } = await world.due(1, { after: steps(world, 'one') });
      assert.deepEqual(
        grants.map(({ id }) => id),
        ['z'],
      );
    },
    'a job that is not ready is not due': async (world) => {
      await world.register('a');
      await world.register('b');
      await stepDone(world, 'one', 'b');
      const { grants } = await world.due(10, { after: steps(world, 'one') });
      assert.deepEqual(
        grants.map(({ id }) => id),
        ['b'],
      );
    },
  },
};
