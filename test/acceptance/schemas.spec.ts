import { defineJob, InvalidJobError } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();

describe('data', () => {
  const kind = defineJob('data', { data: z.object({ at: z.coerce.date(), sku: z.string().default('none') }) });
  const at = new Date('2026-11-24T10:00:00Z');

  test('is stored as it was given, and reaches every run as the schema reads it', async () => {
    await bed.tracker.register({ kind, id: '1', data: { at, sku: 'a' } });
    expect(await bed.sql(`select data from job where kind = 'data'`)).toEqual([
      { data: { at: at.toISOString(), sku: 'a' } },
    ]);
    await bed.tracker.settle({ kind, id: '1' } as never, (run) => {
      expect(run.job.data).toEqual({ at, sku: 'a' });
      throw new Error('again');
    });
    expect(await bed.tracker.track({ kind, id: '1', data: { at, sku: 'a' } }, (run) => run.job.data)).toEqual({
      at,
      sku: 'a',
    });
  });

  test('reads are what is stored', async () => {
    const job = await bed.tracker.get({ kind: 'data', id: '1' });
    expect(job?.data).toEqual({ at: at.toISOString(), sku: 'a' });
  });

  test('consumers get it read, too', async () => {
    await bed.tracker.register({ kind, id: 'consumed', data: { at } as never });
    const seen: unknown[] = [];
    await bed.tracker.consume(kind, (run) => void seen.push(run.job.data)).drain();
    expect(seen).toEqual([{ at, sku: 'none' }]);
  });

  test.each<[string, unknown, string]>([
    ['is missing', undefined, 'data'],
    ['is null', null, 'data'],
    ['lacks a key', {}, 'data.at'],
    ['has a wrong one', { at, sku: 5 }, 'data.sku'],
  ])('that %s is refused with its field, and nothing is written', async (id, data, field) => {
    for (const call of [
      () => bed.tracker.register({ kind, id, data } as never),
      () => bed.tracker.track({ kind, id, data } as never, () => 1),
    ])
      expect(await thrownBy(call, InvalidJobError)).toMatchObject({ field });
    const many = bed.tracker.registerMany([{ kind, id, data } as never]);
    expect(await thrownBy(() => many, InvalidJobError)).toMatchObject({ field: `jobs[0].${field}` });
    expect(await bed.tracker.get({ kind, id })).toBeNull();
  });

  test('that an older program stored and this one cannot read fails the run, not the process', async () => {
    await bed.tracker.register({ kind: 'data', id: 'old', data: { at: 'long ago' } });
    const told = await bed.tracker.settle({ kind, id: 'old' } as never, () => 'never');
    expect(told).toMatchObject({ status: 'failed', error: { code: 'INVALID_JOB', field: 'data.at' } });
  });
});

describe('an asynchronous schema', () => {
  const known = z.string().refine(async (sku) => (await Promise.resolve(sku)) !== 'unknown', 'no such sku');
  const kind = defineJob('async', { data: z.object({ sku: known }), output: known, checkpoint: known });

  test('is waited for: data, checkpoint and output', async () => {
    const error = await thrownBy(
      () => bed.tracker.register({ kind, id: '1', data: { sku: 'unknown' } }),
      InvalidJobError,
    );
    expect(error).toMatchObject({ field: 'data.sku', message: expect.stringContaining('no such sku') });
    await bed.tracker.track({ kind, id: '1', data: { sku: 'a' } }, async (run) => {
      await run.checkpoint('b');
      expect(await thrownBy(() => run.checkpoint('unknown'), InvalidJobError)).toMatchObject({ field: 'checkpoint' });
      return 'unknown';
    });
    const job = await bed.tracker.get({ kind, id: '1' });
    expect(job).toMatchObject({ status: 'succeeded', output: null, reason: expect.stringContaining('no such sku') });
  });

  test('that breaks is heard, and nothing is written', async () => {
    const validate = () => Promise.reject(new Error('the catalogue is away'));
    const broken = defineJob('broken', { data: { '~standard': { version: 1, vendor: 'own', validate } } });
    const error = await thrownBy(() => bed.tracker.register({ kind: broken, id: '1', data: 'a' }));
    expect(error.message).toBe('the catalogue is away');
    expect(await bed.tracker.get({ kind: 'broken', id: '1' })).toBeNull();
  });
});

describe('a checkpoint', () => {
  const kind = defineJob('checkpoint', { checkpoint: z.object({ since: z.coerce.date() }) });

  test('reaches the next run as the schema reads it', async () => {
    const since = new Date(0);
    await bed.tracker.settle({ kind, id: '1' }, async (run) => {
      await run.checkpoint({ since });
      throw new Error('again');
    });
    expect(await bed.tracker.track({ kind, id: '1' }, (run) => run.job.checkpoint)).toEqual({ since });
  });
});

test('what a schema would lose on its way through JSON is refused before it is stored', async () => {
  const kind = defineJob('no-way-back', { data: z.object({ ids: z.set(z.string()) }) });
  const error = await thrownBy(
    () => bed.tracker.register({ kind, id: '1', data: { ids: new Set('a') } }),
    InvalidJobError,
  );
  expect(error.field).toBe('data.ids');
});

test('types alone are believed', async () => {
  const kind = defineJob<{ n: number }, { sum: number }>('types');
  const { sum } = await bed.tracker.track({ kind, id: '1', data: { n: 20 } }, (run) => ({ sum: run.job.data.n + 1 }));
  expect(sum).toBe(21);
});
