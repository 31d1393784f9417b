import { InvalidJobError, LeaseLostError } from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { holdRun } from '../support/held-run.js';
import { expireLease } from '../support/job-rows.js';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();

test('a checkpoint is durable at once, and the next attempt finds it', async () => {
  const job = { kind: 'kept', id: '1', data: { file: 'a.csv' } };
  await bed.tracker.settle(job, async (run) => {
    expect(run.job.checkpoint).toBeNull();
    await run.checkpoint({ offset: 1_000 });
    expect(await bed.tracker.get({ kind: 'kept', id: '1' })).toMatchObject({ checkpoint: { offset: 1_000 } });
    await run.checkpoint({ offset: 2_000 });
    throw new Error('the disk is full');
  });
  await bed.tracker.track(job, (run) => {
    expect(run.job).toMatchObject({ checkpoint: { offset: 2_000 }, data: { file: 'a.csv' } });
  });
});

test('the attempt after a dead worker finds it too', async () => {
  const job = { kind: 'dead', id: '1' };
  const dead = await holdRun(bed.tracker, job);
  await dead.run.checkpoint({ offset: 5 });
  await expireLease(bed.sql, job);
  expect(await bed.tracker.track(job, (run) => run.job.checkpoint)).toEqual({ offset: 5 });
  await dead.succeed();
});

test('a success clears it: the next run starts from the beginning', async () => {
  const job = { kind: 'cleared', id: '1' };
  await bed.tracker.track(job, (run) => run.checkpoint(1));
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'succeeded', checkpoint: null });
  const again = await bed.tracker.track(job, (run) => run.job.checkpoint, { onDuplicate: 'rerun' });
  expect(again).toBeNull();
});

test('a retry by an operator keeps it', async () => {
  const job = { kind: 'retried', id: '1' };
  await bed.tracker.settle(job, async (run) => {
    await run.checkpoint('half');
    return run.ignore('enough');
  });
  expect(await bed.tracker.retry(job)).toMatchObject({ status: 'pending', checkpoint: 'half' });
});

test('a run that lost its lease keeps nothing, is told so, and its signal fires', async () => {
  const job = { kind: 'lost', id: '1' };
  const stale = await holdRun(bed.tracker, job);
  await bed.tracker.release(job);
  const error = await thrownBy(() => stale.run.checkpoint('stale'), LeaseLostError);
  expect(stale.run.signal.reason).toBe(error);
  await thrownBy(() => stale.run.assertHeld(), LeaseLostError);
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'pending', checkpoint: null });
  expect(await stale.succeed()).toMatchObject({ status: 'lost', error });
});

test('what cannot be kept is refused, names its field, and leaves the one before', async () => {
  const job = { kind: 'bad', id: '1' };
  await bed.tracker.track(job, async (run) => {
    await run.checkpoint('good');
    const bad: [unknown, string][] = [
      [{ at: Number.NaN }, 'checkpoint.at'],
      [{ n: 1n }, 'checkpoint.n'],
      [undefined, 'checkpoint'],
      ['x'.repeat(2 ** 16), 'checkpoint'],
    ];
    for (const [state, field] of bad)
      expect(await thrownBy(() => run.checkpoint(state), InvalidJobError)).toMatchObject({ field });
    expect(await bed.tracker.get(job)).toMatchObject({ checkpoint: 'good' });
  });
});

test('a run that has ended keeps nothing more', async () => {
  const job = { kind: 'ended', id: '1' };
  const held = await holdRun(bed.tracker, job);
  await held.fail(new Error('boom'));
  await thrownBy(() => held.run.checkpoint('too late'), LeaseLostError);
  await thrownBy(() => held.run.assertHeld(), LeaseLostError);
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'failed', checkpoint: null });
});
