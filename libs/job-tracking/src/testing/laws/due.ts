import assert from 'node:assert/strict';
import { LONG, SHORT } from '../world.js';
import type { Chapter } from './chapter.js';

export const due: Chapter = {
  subject: 'due sets',
  laws: {
    'a set is granted by priority, higher first, then by time': async (world) => {
      const at = (ms: number) => new Date(Date.now() - 60_000 + ms);
      await world.register('low', { priority: 0, runAt: at(0) });
      await world.register('a-late', { priority: 5, runAt: at(2_000) });
      await world.register('b-early', { priority: 5, runAt: at(1_000) });
      await world.register('high', { priority: 9, runAt: at(3_000) });
      const order: string[] = [];
      for (let i = 0; i < 4; i++) order.push(...(await world.due(1)).grants.map(({ id }) => id));
      assert.deepEqual(order, ['high', 'b-early', 'a-late', 'low']);
    },
    'a set is no larger than asked, and each of its grants has a token of its own': async (world) => {
      await world.store.registerSet(Array.from({ length: 9 }, (_, i) => world.newJob(`job-${i}`)));
      const { grants } = await world.due(4);
      assert.equal(new Set(grants.map(({ token }) => token)).size, 4);
      assert.equal((await world.due(100)).grants.length, 5);
    },
    'nothing due is an empty set': async (world) => {
      assert.deepEqual(await world.due(), { grants: [], died: [] });
    },
    'a job that waits for its time is left, and taken when it has come': async (world) => {
      await world.end(await world.running('a'), 'snoozed', { delay: LONG });
      await world.end(await world.running('b'), 'snoozed', { delay: SHORT });
      await world.pass();
      assert.deepEqual(
        (await world.due()).grants.map(({ id }) => id),
        ['b'],
      );
    },
    'a failed job is left until its backoff has passed': async (world) => {
      await world.end(await world.running('a'), 'failed', { delay: LONG });
      await world.end(await world.running('b'), 'failed', { delay: SHORT });
      await world.pass();
      assert.deepEqual(
        (await world.due()).grants.map(({ id, job }) => [id, job.attempts]),
        [['b', 2]],
      );
    },
    'a job whose lease ran out is taken, its dead attempt recorded': async (world) => {
      await world.orphaned('a');
      const [grant] = (await world.due()).grants;
      assert.deepEqual([grant?.tookOver, grant?.job.crashes], [true, 1]);
      assert.deepEqual(await world.outcomes('a'), ['1.1 crashed']);
    },
    'a job whose worker died once too often is told, and not granted': async (world) => {
      await world.orphaned('a');
      const { grants, died } = await world.due(10, { maxCrashes: 1 });
      assert.deepEqual([grants, died.map(({ job }) => job?.status)], [[], ['ignored']]);
    },
    'jobs that run, have succeeded or are ignored are left': async (world) => {
      await world.running('runs');
      await world.succeeded('done');
      await world.ignored('ignored');
      assert.deepEqual((await world.due()).grants, []);
    },
    'sets of one kind hold no job of another': async (world) => {
      await world.store.register(world.newJob('a', { kind: `${world.kind}-other` }));
      assert.deepEqual((await world.due()).grants, []);
    },
    'sets that are asked for at once share no job, and leave none': async (world) => {
      await world.store.registerSet(Array.from({ length: 40 }, (_, i) => world.newJob(`job-${i}`)));
      const sets = await Promise.all(Array.from({ length: 8 }, () => world.due(10)));
      const ids = sets.flatMap(({ grants }) => grants.map(({ id }) => id));
      ids.push(...(await world.due()).grants.map(({ id }) => id));
      assert.deepEqual([ids.length, new Set(ids).size], [40, 40]);
    },
    'a set and single claims at once grant each job once': async (world) => {
      const ids = Array.from({ length: 20 }, (_, i) => `job-${i}`);
      await world.store.registerSet(ids.map((id) => world.newJob(id)));
      const [{ grants }, ...answers] = await Promise.all([world.due(20), ...ids.map((id) => world.claim(id))] as const);
      const singles = answers.filter((answer) => 'grant' in answer && answer.grant).length;
      assert.equal(grants.length + singles + (await world.due()).grants.length, 20);
      for (const id of ids) assert.equal((await world.job(id)).claims, 1);
    },
    'the attempt that a set supersedes is in history': async (world) => {
      await world.failed('a');
      await world.due();
      assert.deepEqual(await world.outcomes('a'), ['1.1 failed']);
    },
    'a set over several priorities is no larger than asked, and comes in the order of its claim': async (world) => {
      const at = (ms: number) => new Date(Date.now() - 60_000 + ms);
      for (const [id, priority, ms] of [
        ['e', 0, 0],
        ['c', 5, 2_000],
        ['d', 5, 1_000],
        ['b', 9, 3_000],
      ] as const)
        await world.register(id, { priority, runAt: at(ms) });
      assert.deepEqual(
        (await world.due(3)).grants.map(({ id }) => id),
        ['b', 'd', 'c'],
      );
      assert.deepEqual(
        (await world.due(3)).grants.map(({ id }) => id),
        ['e'],
      );
    },
    'a set is no larger than asked, orphans among it': async (world) => {
      for (const id of ['a', 'b', 'c', 'd']) await world.running(id, { lease: SHORT });
      await world.pass();
      for (const id of ['e', 'f']) await world.register(id);
      assert.deepEqual(
        [(await world.due(3)).grants.length, (await world.due(2)).grants.length, (await world.due(2)).grants.length],
        [3, 2, 1],
      );
    },
    'jobs that run, and orphans of other kinds, take no place from an orphan': async (world) => {
      const other = { kind: `${world.kind}-other` };
      await world.running('a');
      for (const id of ['b', 'c'])
        await world.granted(id, { register: world.newJob(id, other), lease: SHORT, ...other });
      await world.running('z', { lease: SHORT });
      await world.pass();
      assert.deepEqual(
        (await world.due(1)).grants.map(({ id }) => id),
        ['z'],
      );
    },
    'progress is of one attempt: a set clears it': async (world) => {
      const grant = await world.running('a');
      await world.store.renew(grant, { lease: LONG, progress: { fraction: 1, note: null } });
      await world.end(grant, 'failed');
      const [next] = (await world.due()).grants;
      assert.deepEqual([next?.job.progress, next?.job.attempts], [null, 2]);
    },
    'a set sets no claim back: a job has one number for each of its grants': async (world) => {
      await world.failed('a');
      await world.end(await world.granted('a'), 'failed');
      const [grant] = (await world.due(1, { maxAttempts: 9 })).grants;
      assert.deepEqual([grant?.job.claims, grant?.job.attempts], [3, 3]);
    },
  },
};
