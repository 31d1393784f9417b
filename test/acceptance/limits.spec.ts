import { InvalidJobError } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

describe('with limits of the app’s own', () => {
  const bed = useTrackedApp({ tracking: { limits: { data: 1_000, checkpoint: 500, output: 700, error: 600 } } });
  /** A text whose JSON has so many bytes. */
  const json = (bytes: number) => 'x'.repeat(bytes - 2);

  test('data of exactly the limit is kept, a byte more is refused', async () => {
    await bed.tracker.register({ kind: 'data', id: 'fits', data: json(1_000) });
    const error = await thrownBy(
      () => bed.tracker.register({ kind: 'data', id: 'over', data: json(1_001) }),
      InvalidJobError,
    );
    expect(error.field).toBe('data');
    expect(error.message).toContain('at most 1000 bytes');
    expect(await bed.tracker.count({ kind: 'data' })).toBe(1);
  });

  test('bytes count, not characters', async () => {
    await thrownBy(() => bed.tracker.register({ kind: 'data', id: 'wide', data: 'ü'.repeat(600) }), InvalidJobError);
  });

  test('a checkpoint of the limit is kept, a byte more is refused', async () => {
    await bed.tracker.track({ kind: 'checkpoint', id: '1' }, async (run) => {
      await run.checkpoint(json(500));
      expect(await thrownBy(() => run.checkpoint(json(501)), InvalidJobError)).toMatchObject({ field: 'checkpoint' });
    });
  });

  test('an output of the limit is kept, a byte more is dropped with its reason', async () => {
    await bed.tracker.track({ kind: 'output', id: 'fits' }, () => json(700));
    expect(await bed.tracker.get({ kind: 'output', id: 'fits' })).toMatchObject({ output: json(700), reason: null });
    await bed.tracker.track({ kind: 'output', id: 'over' }, () => json(701));
    expect(await bed.tracker.get({ kind: 'output', id: 'over' })).toMatchObject({
      status: 'succeeded',
      output: null,
      reason: expect.stringContaining('at most 700 bytes'),
    });
  });

  test('an error is cut to the limit', async () => {
    await bed.tracker.settle({ kind: 'error', id: '1' }, () => Promise.reject(new Error(json(5_000))));
    const error = (await bed.tracker.get({ kind: 'error', id: '1' }))?.error;
    const bytes = Buffer.byteLength(JSON.stringify(error));
    expect(bytes).toBeLessThanOrEqual(600);
    expect(bytes).toBeGreaterThan(400);
  });
});

describe('without', () => {
  const bed = useTrackedApp();

  test('data has 1 MiB of JSON', async () => {
    await bed.tracker.register({ kind: 'data', id: 'fits', data: 'x'.repeat(2 ** 20 - 2) });
    await thrownBy(
      () => bed.tracker.register({ kind: 'data', id: 'over', data: 'x'.repeat(2 ** 20 - 1) }),
      InvalidJobError,
    );
  });
});
