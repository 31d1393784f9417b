// tracker.current(): the run that code is in, without handing it down.
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, InvalidJobError, type JobRun } from 'nestjs-job-tracking';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../../support/app.js';
import { collectGarbage } from '../../support/collect-garbage.js';
import { eventually } from '../../support/eventually.js';
import { chanceOf } from '../../support/seed.js';
import { thrownBy } from '../../support/thrown.js';
import { useTrackedApp } from '../../support/tracked-app.js';

const app = useTrackedApp();
let other: TestApp;
beforeAll(async () => {
  other = await startApp({ url: app.database.url });
});
afterAll(() => other?.close());

const current = (kind?: string) => app.tracker.current(kind);

test('outside of a run there is none', async () => {
  expect(current()).toBeUndefined();
  await app.tracker.track('outside', () => 'done');
  expect(current()).toBeUndefined();
});

test('in a run it is that run, through awaits, timers, events and what is started and not awaited', async () => {
  const found: (JobRun | undefined)[] = [];
  const look = () => void found.push(current());
  const run = await app.tracker.track('ambient', async (run) => {
    look();
    await sleep(1);
    look();
    const emitter = new EventEmitter();
    setImmediate(() => emitter.emit('now'));
    await once(emitter, 'now').then(look);
    await new Promise<void>((resolve) => setTimeout(() => resolve(look()), 1));
    await Promise.all([sleep(2).then(look), Promise.resolve().then(look)]);
    return found.every((one) => one === run);
  });
  expect([run, found.length]).toEqual([true, 6]);
});

test('of nested runs it is the innermost, or the innermost of a kind; afterwards the outer one again', async () => {
  const inner = defineJob('inner');
  const ids = await app.tracker.track({ kind: 'outer', id: '1' }, async () => {
    const within = await app.tracker.track({ kind: inner, id: '2' }, () => [
      current()?.job.id,
      current('outer')?.job.id,
      app.tracker.current(inner)?.job.id,
      current('unknown')?.job.id ?? null,
    ]);
    return [...within, current()?.job.id, current('inner')?.job.id ?? null];
  });
  expect(ids).toEqual(['2', '1', '2', null, '1', null]);
});

test('runs at once are each in their own', async () => {
  const chance = chanceOf('runs at once');
  const ids = Array.from({ length: 20 }, (_, i) => `${i}`);
  const found = await Promise.all(
    ids.map((id) =>
      app.tracker.track({ kind: 'at once', id }, async () => {
        await sleep(chance() * 5);
        return current()?.job.id;
      }),
    ),
  );
  expect(found).toEqual(ids);
});

test('a consumer’s handler is in the run of its job', async () => {
  const found: unknown[] = [];
  await app.tracker.register({ kind: 'consumed', id: '1' });
  await app.tracker.consume('consumed', async () => void found.push(current()?.job.kind, current()?.job.id)).drain();
  expect(found).toEqual(['consumed', '1']);
});

test('once its run has been recorded it is none: what was left behind is in no run', async () => {
  const left = Promise.withResolvers<void>();
  const found = Promise.withResolvers<unknown>();
  await app.tracker.track('left behind', () => void left.promise.then(() => found.resolve(current())));
  left.resolve();
  expect(await found.promise).toBeUndefined();
});

test('two apps in one process each see their own runs', async () => {
  const seen = await app.tracker.track({ kind: 'mine', id: '1' }, () =>
    other.tracker.track({ kind: 'theirs', id: '1' }, () => [current()?.job.kind, other.tracker.current()?.job.kind]),
  );
  expect(seen).toEqual(['mine', 'theirs']);
});

test('a kind that is none is refused', async () => {
  await thrownBy(async () => current(''), InvalidJobError);
});

test('a run that starts the next one, and that the next, keeps none of those before it', async () => {
  const started: WeakRef<object>[] = [];
  const release = Promise.withResolvers<void>();
  const next = async (n: number, entered: () => void): Promise<void> => {
    await app.tracker.track({ kind: 'chain', id: `${n}` }, (run) => {
      entered();
      started.push(new WeakRef(run));
      return n === 30 ? release.promise : new Promise<void>((resolve) => void next(n + 1, resolve));
    });
  };
  const last = next(0, () => {});
  await eventually(async () => expect(await app.tracker.count({ kind: 'chain', status: 'succeeded' })).toBe(30));
  await collectGarbage();
  expect(started.slice(0, 25).filter((run) => run.deref())).toEqual([]);
  release.resolve();
  await last;
});
