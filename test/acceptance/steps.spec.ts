import { defineJob, JobNotReadyError } from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const reserve = defineJob('reserve');
const charge = defineJob('charge');

test.each([
  ['a name', 'reserve', ['reserve']],
  ['a kind', reserve, ['reserve']],
  ['an array of both', [reserve, 'charge'], ['reserve', 'charge']],
] as const)('after %s: refused with what it waits for until all have succeeded', async (id, after, waitsFor) => {
  const job = { kind: 'ship', id };
  const error = await thrownBy(() => bed.tracker.track(job, () => 1, { after }), JobNotReadyError);
  expect(error).toMatchObject({ waitsFor, final: false, retryAfter: expect.any(Number) });
  for (const kind of waitsFor) await bed.tracker.track({ kind, id }, () => 1);
  expect(await bed.tracker.track(job, () => 'shipped', { after })).toBe('shipped');
});

test('a predecessor of another id, or one that has not succeeded, is none', async () => {
  const ready = () => bed.tracker.settle({ kind: 'ship', id: 'mine' }, () => 1, { after: [reserve] });
  await bed.tracker.track({ kind: reserve, id: 'of another' }, () => 1);
  expect(await ready()).toMatchObject({ error: { code: 'JOB_NOT_READY' } });
  await bed.tracker.register({ kind: reserve, id: 'mine' });
  expect(await ready()).toMatchObject({ error: { code: 'JOB_NOT_READY' } });
  await bed.tracker.track({ kind: reserve, id: 'mine' }, async () => {
    expect(await ready()).toMatchObject({ error: { code: 'JOB_NOT_READY' } });
  });
  expect(await ready()).toMatchObject({ status: 'succeeded' });
});

test('a refusal writes nothing: a missing step stays missing, a failed one failed', async () => {
  const job = { kind: 'ship', id: 'unwritten', data: { kept: 'not yet' } };
  await bed.tracker.settle(job, () => 1, { after: 'reserve' });
  expect(await bed.tracker.get({ kind: 'ship', id: 'unwritten' })).toBeNull();
  await bed.tracker.settle(job, () => Promise.reject(new Error('boom')));
  const failed = await bed.tracker.get({ kind: 'ship', id: 'unwritten' });
  await bed.tracker.settle(job, () => 1, { after: 'reserve' });
  expect(await bed.tracker.get({ kind: 'ship', id: 'unwritten' })).toEqual(failed);
});

test('consume never claims a step that is not ready, and takes it once it is', async () => {
  const second = defineJob('second', { after: charge });
  await bed.tracker.registerMany(['a', 'b', 'c'].map((id) => ({ kind: second, id })));
  await bed.tracker.track({ kind: charge, id: 'b' }, () => 1);
  const ran: string[] = [];
  const drain = () => bed.tracker.consume(second, (run) => void ran.push(run.job.id)).drain();
  await drain();
  expect(ran).toEqual(['b']);
  expect(await bed.tracker.get({ kind: second, id: 'a' })).toMatchObject({ status: 'pending', claims: 0 });
  await bed.tracker.track({ kind: charge, id: 'a' }, () => 1);
  await drain();
  expect(ran).toEqual(['b', 'a']);
});

test('a predecessor that is run again makes its successors wait again; those that are done stay done', async () => {
  for (const id of ['waits', 'done']) await bed.tracker.track({ kind: reserve, id }, () => 1);
  const ship = (id: string) => bed.tracker.settle({ kind: 'ship', id }, () => 1, { after: reserve });
  await ship('done');
  for (const id of ['waits', 'done']) await bed.tracker.retry({ kind: reserve, id }, { rerun: true });
  expect(await ship('waits')).toMatchObject({ error: { code: 'JOB_NOT_READY' } });
  expect(await ship('done')).toMatchObject({ error: { code: 'JOB_ALREADY_SUCCEEDED' } });
  await bed.tracker.track({ kind: reserve, id: 'waits' }, () => 2);
  expect(await ship('waits')).toMatchObject({ status: 'succeeded' });
});

test('a step after itself never runs, and says so', async () => {
  const job = { kind: 'circle', id: '1' };
  const error = await thrownBy(() => bed.tracker.track(job, () => 1, { after: 'circle' }), JobNotReadyError);
  expect(error.waitsFor).toEqual(['circle']);
});
