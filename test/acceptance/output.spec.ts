import { defineJob } from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();

const cycle: { self?: unknown } = {};
cycle.self = cycle;

test.each<[string, unknown, string]>([
  ['BigInt', { n: 1n }, 'output.n'],
  ['a cycle', cycle, 'output.self'],
  ['NaN', Number.NaN, 'output'],
  ['Infinity', [1, Infinity], 'output[1]'],
  ['a function', () => 1, 'output'],
  ['a map', new Map(), 'output'],
  ['NUL', 'a\0b', 'output'],
  ['a lone surrogate', '\ud800', 'output'],
  ['over its limit', 'x'.repeat(2 ** 20), 'output'],
])(
  'an output that cannot be kept (%s) leaves a success that says why, and reaches its caller',
  async (id, output, field) => {
    const job = { kind: 'not-kept', id };
    expect(await bed.tracker.track(job, () => output)).toBe(output);
    const snapshot = await bed.tracker.get(job);
    expect(snapshot).toMatchObject({ status: 'succeeded', output: null, failures: 0, error: null });
    expect(snapshot?.reason).toContain('output not kept');
    expect(snapshot?.reason).toContain(`${field} to be`);
  },
);

test('an output that its schema refuses is not kept either, and what it said is the reason', async () => {
  const kind = defineJob('schema', { output: z.object({ id: z.string() }) });
  expect(await bed.tracker.settle({ kind, id: '1' }, () => ({ id: 5 }) as never)).toMatchObject({
    status: 'succeeded',
  });
  const snapshot = await bed.tracker.get({ kind, id: '1' });
  expect(snapshot).toMatchObject({ status: 'succeeded', output: null });
  expect(snapshot?.reason).toContain('output.id');
});

test.each(['replay', 'join'] as const)(
  'under %s the first caller of such a success gets nothing, as every later one',
  async (onDuplicate) => {
    const kind = defineJob(`lost-${onDuplicate}`, { output: z.object({ id: z.string() }), onDuplicate });
    for (const [id, output] of [
      ['refused', { id: 5 }],
      ['nothing', undefined],
    ] as const)
      for (const replayed of [false, true]) {
        const told = await bed.tracker.settle({ kind, id }, () => output as never);
        expect(told).toEqual({ status: 'succeeded', output: null, replayed, redeliver: false });
      }
  },
);

test('the reason goes with the next success', async () => {
  const job = { kind: 'again', id: '1' };
  await bed.tracker.track(job, () => 1n);
  await bed.tracker.track(job, () => 1, { onDuplicate: 'rerun' });
  expect(await bed.tracker.get(job)).toMatchObject({ output: 1, reason: null });
});

test.each([
  ['undefined', undefined, null],
  ['null', null, null],
  ['false', false, false],
  ['zero', 0, 0],
  ['an empty text', '', ''],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['undefined inside', { a: undefined, b: 1 }, { b: 1 }],
])('%s is an output like any', async (id, output, stored) => {
  expect(await bed.tracker.track({ kind: 'plain', id }, () => output)).toBe(output);
  const snapshot = await bed.tracker.get({ kind: 'plain', id });
  expect(snapshot).toMatchObject({ status: 'succeeded', reason: null });
  expect(snapshot?.output).toEqual(stored);
});

test('output of the success before stays until the next success', async () => {
  const job = { kind: 'stays', id: '1' };
  const rerun = { onDuplicate: 'rerun' } as const;
  await bed.tracker.track(job, () => 'first');
  await bed.tracker.settle(job, () => Promise.reject(new Error('boom')), rerun);
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'failed', output: 'first' });
  await bed.tracker.track(job, () => 'second', rerun);
  expect(await bed.tracker.get(job)).toMatchObject({ status: 'succeeded', output: 'second' });
});
