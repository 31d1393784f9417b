import { defineJob, InvalidJobError } from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();

test('staged data is written with the success, the last of it', async () => {
  const job = { kind: 'set', id: '1', data: 'given' };
  await bed.tracker.track(job, async (run) => {
    run.set({ data: 'first' });
    run.set({ data: { last: true } });
    expect(await bed.tracker.get({ kind: 'set', id: '1' })).toMatchObject({ data: 'given' });
  });
  expect(await bed.tracker.get({ kind: 'set', id: '1' })).toMatchObject({ data: { last: true } });
});

test.each([
  ['failed', () => Promise.reject(new Error('boom'))],
  ['snoozed', (run: { snooze(delay: number): never }) => run.snooze(0)],
  ['ignored', (run: { ignore(reason: string): never }) => run.ignore('no')],
])('a run that ended as %s drops it', async (id, end) => {
  await bed.tracker.settle({ kind: 'dropped', id, data: 'given' }, (run) => {
    run.set({ data: 'staged' });
    return end(run);
  });
  expect(await bed.tracker.get({ kind: 'dropped', id })).toMatchObject({ data: 'given' });
});

test('data that was changed by its run is not what later calls are compared with: that is the registered one', async () => {
  const job = { kind: 'compared', id: '1' };
  const call = (data: string) =>
    bed.tracker.settle({ ...job, data }, (run) => run.set({ data: 'staged' }), { onDuplicate: 'replay' });
  await call('given');
  expect(await call('given')).toMatchObject({ status: 'succeeded', replayed: true });
  expect(await call('staged')).toMatchObject({ status: 'refused', error: { code: 'JOB_MISMATCH' } });
});

test('data that cannot be kept throws where it is set', async () => {
  await bed.tracker.track({ kind: 'bad', id: '1', data: 'given' }, async (run) => {
    const error = await thrownBy(() => run.set({ data: { price: Number.NaN } }), InvalidJobError);
    expect(error.field).toBe('data.price');
  });
  expect(await bed.tracker.get({ kind: 'bad', id: '1' })).toMatchObject({ status: 'succeeded', data: 'given' });
});

test('data that its schema refuses fails the run: its success would leave what nobody can read', async () => {
  const kind = defineJob('schema', { data: z.object({ n: z.number() }) });
  const told = await bed.tracker.settle({ kind, id: '1', data: { n: 1 } }, (run) => run.set({ data: {} as never }));
  expect(told).toMatchObject({ status: 'failed', error: { code: 'INVALID_JOB', field: 'data.n' } });
  expect(await bed.tracker.get({ kind, id: '1' })).toMatchObject({ data: { n: 1 } });
});
