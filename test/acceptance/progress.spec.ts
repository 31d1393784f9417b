import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { holdRun } from '../support/held-run.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const SHORT = { lease: 500 };

test('progress rides on the next renewal, the last word of it', async () => {
  const job = { kind: 'progress', id: '1' };
  const held = await holdRun(bed.tracker, job, SHORT);
  held.run.progress(0.1);
  held.run.progress(0.25, 'a quarter');
  expect(await bed.tracker.get(job)).toMatchObject({ progress: null });
  await eventually(async () => {
    expect(await bed.tracker.get(job)).toMatchObject({
      progress: { fraction: 0.25, note: 'a quarter', at: expect.any(Date) },
    });
  });
  await held.succeed();
});

test('it never throws, and is kept in its bounds', async () => {
  const job = { kind: 'bounds', id: '1' };
  const held = await holdRun(bed.tracker, job, SHORT);
  for (const [fraction, note] of [
    [Number.NaN, 'not a number'],
    ['half', 'no number at all'],
    [undefined, undefined],
    [7, `\0\ud800${'x'.repeat(1_000)}`],
  ] as never[][])
    held.run.progress(fraction as never, note as never);
  await eventually(async () => {
    const snapshot = await bed.tracker.get(job);
    expect(snapshot?.progress?.fraction).toBe(1);
    expect(snapshot?.progress?.note).toMatch(/^\ufffdx{498}$/);
  });
  await held.succeed();
});

test('the next attempt starts without it', async () => {
  const job = { kind: 'next', id: '1' };
  const held = await holdRun(bed.tracker, job, SHORT);
  held.run.progress(0.5);
  await eventually(async () => expect(await bed.tracker.get(job)).toMatchObject({ progress: { fraction: 0.5 } }));
  await held.fail(new Error('boom'));
  expect(await bed.tracker.track(job, (run) => run.job.progress)).toBeNull();
});
