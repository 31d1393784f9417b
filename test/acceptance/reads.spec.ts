import { defineJob, InvalidJobError } from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { holdRun } from '../support/held-run.js';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp({ tracking: { worker: 'reader' } });
const fail = () => Promise.reject(new Error('boom'));

test('get shows everything that is known of a job, and no token', async () => {
  const job = { kind: 'whole', id: '1' };
  const held = await holdRun(bed.tracker, { ...job, data: { a: 1 }, priority: 3, maxAttempts: 7 }, { lease: '20s' });
  const snapshot = await bed.tracker.get(job);
  const time = expect.any(Date);
  expect(snapshot).toEqual({
    ...job,
    status: 'in_progress',
    data: { a: 1 },
    output: null,
    checkpoint: null,
    error: null,
    reason: null,
    progress: null,
    claims: 1,
    attempts: 1,
    failures: 0,
    crashes: 0,
    maxAttempts: 7,
    priority: 3,
    lease: { claim: 1, worker: 'reader', expiresAt: time },
    runAt: time,
    createdAt: time,
    updatedAt: time,
    startedAt: time,
    finishedAt: null,
  });
  expect(held.run.job).toEqual(snapshot);
  const [row] = await bed.sql<{ token: string }>(`select token from job where kind = 'whole'`);
  expect(JSON.stringify(snapshot)).not.toContain(row?.token);
  await held.succeed();
});

test('idempotencyKey names the job, and is the same in every attempt', async () => {
  const keys: string[] = [];
  for (let i = 0; i < 2; i++)
    await bed.tracker.settle({ kind: 'key', id: 'a:b' }, (run) => {
      keys.push(run.idempotencyKey);
      return fail();
    });
  expect(keys).toEqual(['key:a\\:b', 'key:a\\:b']);
});

test('count counts what the query matches, up to its limit', async () => {
  await bed.tracker.registerMany(Array.from({ length: 9 }, (_, i) => ({ kind: 'count', id: String(i) })));
  expect(await bed.tracker.count({ kind: 'count' })).toBe(9);
  expect(await bed.tracker.count({ kind: 'count', status: ['failed', 'pending'], limit: 5 })).toBe(5);
  expect(await bed.tracker.count({ kind: 'count', status: 'failed' })).toBe(0);
  expect(await bed.tracker.count()).toBeGreaterThanOrEqual(9);
});

test('summary has every status of every kind that has jobs', async () => {
  const kind = defineJob('summary');
  await bed.tracker.registerMany(['1', '2'].map((id) => ({ kind, id })));
  await bed.tracker.settle({ kind, id: '3' }, fail);
  await bed.tracker.track({ kind, id: '4' }, () => 1);
  const statuses = { pending: 2, in_progress: 0, failed: 1, succeeded: 1, ignored: 0 };
  expect(await bed.tracker.summary(kind)).toEqual({ summary: statuses });
  expect(await bed.tracker.summary('summary')).toEqual({ summary: statuses });
  expect(await bed.tracker.summary()).toMatchObject({ summary: statuses });
  expect(await bed.tracker.summary('nobody’s')).toEqual({});
});

test('a kind named like a property of every object is a kind like any', async () => {
  for (const kind of ['__proto__', 'constructor', 'toString']) {
    await bed.tracker.track({ kind, id: 'constructor' }, () => 1);
    expect((await bed.tracker.summary(kind))[kind]).toMatchObject({ succeeded: 1 });
    expect(Object.keys(await bed.tracker.summary(kind))).toEqual([kind]);
  }
});

test.each<[string, unknown, string]>([
  ['null', null, 'id'],
  ['undefined', undefined, 'id'],
  ['an object without an id', { kind: 'k' }, 'id'],
  ['an id that is null', { kind: 'k', id: null }, 'id'],
  ['an id that is an object', { id: {} }, 'id'],
  ['a kind that is null', { kind: null, id: '1' }, 'kind'],
  ['a kind that is empty', { kind: '', id: '1' }, 'kind'],
  ['a kind that is a number', { kind: 5, id: '1' }, 'kind'],
])('a reference that is %s is refused by every verb', async (_, ref, field) => {
  const { tracker } = bed;
  for (const call of [
    () => tracker.get(ref as never),
    () => tracker.attempts(ref as never),
    () => tracker.track(ref as never, () => 1),
    () => tracker.settle(ref as never, () => 1),
    () => tracker.register(ref as never),
    () => tracker.retry(ref as never),
    () => tracker.ignore(ref as never, 'no'),
    () => tracker.release(ref as never),
    () => tracker.remove(ref as never),
  ])
    expect(await thrownBy(call, InvalidJobError)).toMatchObject({ field });
});

test('a kind that is none is refused by summary and consume', async () => {
  for (const kind of [null, '', 'a\0b', 5]) {
    for (const call of [
      () => bed.tracker.summary(kind as never),
      () => bed.tracker.consume(kind as unknown as string, () => 1),
    ])
      expect(await thrownBy(call, InvalidJobError)).toMatchObject({ field: 'kind' });
  }
});
