// A worker that was thought dead comes back: its successor holds the job, or has ended it.
import { LeaseLostError } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { type HeldRun, holdRun } from '../support/held-run.js';
import { expireLease } from '../support/job-rows.js';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const ends: [how: string, end: (stale: HeldRun) => ReturnType<HeldRun['succeed']>][] = [
  ['succeeds', (stale) => stale.succeed('of the stale one')],
  ['fails', (stale) => stale.fail(new Error('of the stale one'))],
  [
    'snoozes',
    (stale) => {
      expect(() => stale.run.snooze('1h')).toThrow();
      return stale.succeed();
    },
  ],
  [
    'ignores',
    (stale) => {
      expect(() => stale.run.ignore('no')).toThrow();
      return stale.succeed();
    },
  ],
];

async function overtaken(job: { kind: string; id: string }): Promise<{ stale: HeldRun; successor: HeldRun }> {
  const stale = await holdRun(bed.tracker, job);
  await expireLease(bed.sql, job);
  return { stale, successor: await holdRun(bed.tracker, job) };
}

describe.each(ends)('a stale worker that %s', (how, end) => {
  test('changes nothing while its successor runs', async () => {
    const job = { kind: 'running', id: how };
    const { stale, successor } = await overtaken(job);
    const before = await bed.tracker.get(job);
    expect(await end(stale)).toMatchObject({ status: 'lost', error: expect.any(LeaseLostError) });
    expect(await bed.tracker.get(job)).toEqual(before);
    expect(await successor.succeed('of the successor')).toMatchObject({ status: 'succeeded' });
    expect(await bed.tracker.get(job)).toMatchObject({ status: 'succeeded', output: 'of the successor', crashes: 0 });
    expect(await bed.tracker.attempts(job)).toMatchObject([
      { claim: 1, outcome: 'crashed' },
      { claim: 2, outcome: 'succeeded' },
    ]);
  });

  test('changes nothing when its successor has ended', async () => {
    const job = { kind: 'ended', id: how };
    const { stale, successor } = await overtaken(job);
    await successor.fail(new Error('of the successor'));
    const before = await bed.tracker.get(job);
    expect(await end(stale)).toMatchObject({ status: 'lost' });
    expect(await bed.tracker.get(job)).toEqual(before);
  });
});

test('it can neither keep a checkpoint nor say that it holds the job', async () => {
  const job = { kind: 'checkpoint', id: '1' };
  const { stale, successor } = await overtaken(job);
  await thrownBy(() => stale.run.checkpoint('stale'), LeaseLostError);
  await thrownBy(() => stale.run.assertHeld(), LeaseLostError);
  await successor.run.checkpoint('fresh');
  expect(await bed.tracker.get(job)).toMatchObject({ checkpoint: 'fresh' });
  await Promise.all([stale.succeed(), successor.succeed()]);
});

test('a worker that was slow but not replaced still ends its job', async () => {
  const job = { kind: 'slow', id: '1' };
  const slow = await holdRun(bed.tracker, job);
  await expireLease(bed.sql, job);
  expect(await slow.succeed('late, but first')).toMatchObject({ status: 'succeeded' });
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'succeeded', claims: 1, crashes: 0 });
});
