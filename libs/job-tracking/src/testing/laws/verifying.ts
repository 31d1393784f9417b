import assert from 'node:assert/strict';
import { type JobFilter, type JobKey, PAYLOAD_LIMITS, Payloads, verifyJobs } from '../../protocol/index.js';
import type { World } from '../world.js';
import type { Chapter } from './chapter.js';

const payloads = new Payloads(PAYLOAD_LIMITS, undefined);

async function unbroken(world: World): Promise<void> {
  assert.deepEqual((await verifyJobs(world.store, world.filter())).violations, []);
}

async function recordPages(world: World, limit: number, filter: JobFilter = {}): Promise<string[][]> {
  const found: string[][] = [];
  for (let after: JobKey | null = null; ; ) {
    const page = await world.store.records(world.filter(filter), after, limit);
    const last = page.at(-1);
    if (!last) return found;
    found.push(page.map(({ id }) => id));
    after = { kind: last.kind, id: last.id };
  }
}

export const verifying: Chapter = {
  subject: 'verifying',
  laws: {
    'records come by key, each job once, behind the one that was last': async (world) => {
      const ids = ['b', 'a', 'B', 'aa', ' a', '\ud83d\ude00', '\uff5e', '\u00e9', 'z', '10', '9'];
      await world.store.registerSet(ids.map((id) => world.newJob(id)));
      const pages = await recordPages(world, 4);
      assert.ok(pages.every(({ length }) => length <= 4));
      assert.deepEqual(pages.flat(), [' a', '10', '9', 'B', 'a', 'aa', 'b', 'z', '\u00e9', '\uff5e', '\ud83d\ude00']);
    },
    'records are of the jobs that the filter names': async (world) => {
      await world.failed('a');
      await world.failed('b');
      await world.succeeded('c');
      for (const kind of [`${world.kind}-other`, world.kind.slice(0, -1)])
        await world.store.register(world.newJob('a', { kind }));
      assert.deepEqual(await recordPages(world, 1), [['a'], ['b'], ['c']]);
      assert.deepEqual((await recordPages(world, 9, { statuses: ['failed'] })).flat(), ['a', 'b']);
      assert.deepEqual((await recordPages(world, 9, { ids: ['c', 'b', 'd'] })).flat(), ['b', 'c']);
      assert.deepEqual(await recordPages(world, 9, { ids: [] }), []);
    },
    'a record is the row and the history of its job, the last attempt on the row': async (world) => {
      await world.failed('a');
      await world.end(await world.granted('a'), 'snoozed');
      await world.granted('a');
      const [record] = await world.store.records(world.filter(), null, 9);
      const { status, outcome, claims, attempts, failures, purged, hasError } = record?.row ?? {};
      assert.deepEqual(
        { status, outcome, claims, attempts, failures, purged, hasError },
        { status: 'in_progress', outcome: null, claims: 3, attempts: 2, failures: 1, purged: 0, hasError: true },
      );
      assert.deepEqual(
        record?.past.map((past) => [past.claim, past.attempt, past.outcome, past.hasError]),
        [
          [1, 1, 'failed', true],
          [2, 2, 'snoozed', false],
        ],
      );
    },
    'a token is known again in a record, and cannot be read from it': async (world) => {
      const tokens = [];
      for (let i = 0; i < 3; i++) {
        const grant = await world.running('a');
        tokens.push(grant.token);
        await world.end(grant, 'snoozed');
      }
      const [record] = await world.store.records(world.filter(), null, 9);
      const told = [record?.row?.token, ...(record?.past ?? []).map(({ token }) => token)];
      assert.equal(new Set(told).size, 3);
      for (const token of tokens) assert.ok(!JSON.stringify(record).includes(token));
    },
    'whatever becomes of a job breaks nothing': async (world) => {
      const data = async (id: string, value: unknown) => world.newJob(id, await payloads.data(value, undefined));
      await world.store.register(await data('pending', { n: [1, 1e21, -0.5, 'ü'], z: null }));
      await world.succeed(await world.granted('replaced', { register: await data('replaced', 1) }), 'done', 2);
      await world.store.succeed(await world.running('dropped'), { output: null, data: undefined, reason: 'too large' });
      await world.failed('failed');
      await world.ignored('ignored');
      await world.end(await world.running('used up'), 'failed', { maxAttempts: 1 });
      for (const outcome of ['snoozed', 'interrupted', 'released'] as const)
        await world.end(await world.running(outcome), outcome);
      for (const id of ['rerun', 'rerun and failed']) await world.succeeded(id);
      await world.succeed(await world.granted('rerun', { rerun: true }));
      await world.end(await world.granted('rerun and failed', { rerun: true }), 'failed');
      await world.orphaned('died', { maxCrashes: 1 });
      await world.refused('died', { maxCrashes: 1 });
      await world.failed('taken over');
      await world.orphaned('taken over');
      await world.granted('taken over');
      await world.orphaned('nobody came');
      await unbroken(world);
    },
    "whatever an operator does breaks nothing, then or after the job's next run": async (world) => {
      for (const made of ['failed', 'ignored', 'succeeded'] as const) {
        await world[made](`${made} retried`);
        await world.store.retry(world.key(`${made} retried`), { rerun: true });
        await world[made](`${made} retried and ignored`);
        await world.store.retry(world.key(`${made} retried and ignored`), { rerun: true });
        await world.store.ignore(world.key(`${made} retried and ignored`), 'enough');
        await world[made](`${made} removed`);
        await world.store.remove(world.key(`${made} removed`));
      }
      await world.running('released');
      await world.store.release(world.key('released'));
      await world.register('failed removed');
      await unbroken(world);
      for (const { id } of (await world.store.list(world.filter(), { order: 'oldest', limit: 99, cursor: null }))
        .items) {
        const { grant } = await world.claim(id);
        if (grant) await world.end(grant, 'failed');
      }
      await unbroken(world);
    },
    'jobs at work break nothing, whenever one looks': async (world) => {
      let atWork = true;
      const work = Array.from({ length: 8 }, async (_, i) => {
        for (let round = 0; round < 6; round++) {
          const grant = await world.running(`job-${i}`, { maxAttempts: 99 });
          await world.store.renew(grant, { lease: 90_000, progress: null });
          await world.end(grant, (['failed', 'snoozed', 'released'] as const)[round % 3] ?? 'failed', {
            maxAttempts: 99,
          });
        }
      });
      const done = Promise.all(work).finally(() => {
        atWork = false;
      });
      do await unbroken(world);
      while (atWork);
      await done;
    },
    'a look changes nothing': async (world) => {
      await world.failed('a');
      const before = [await world.job('a'), await world.attempts('a')];
      await unbroken(world);
      assert.deepEqual([await world.job('a'), await world.attempts('a')], before);
    },
  },
};
