import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fakeRun } from '../../testing/index.js';
import { defineJob } from '../job/define-job.js';
import { InvalidJobError, InvalidOptionsError, JobInterruptedError, LeaseLostError } from '../options/errors.js';
import { PAYLOAD_LIMITS, Payloads } from '../payload/payloads.js';
import type { JobStore } from '../store/job-store.js';
import { ActiveRun } from './active-run.js';

const kind = defineJob('kind', { data: z.object({ n: z.number() }) });

/** A run whose store answers like this. */
function begun(store: Partial<JobStore> = {}): ActiveRun {
  const { grant } = fakeRun(kind, { id: '1' }) as unknown as ActiveRun;
  return new ActiveRun(grant, kind, store as JobStore, new Payloads(PAYLOAD_LIMITS, undefined));
}

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('progress', () => {
  test.each([
    [0.25, 0.25],
    [-1, 0],
    [7, 1],
    [Number.POSITIVE_INFINITY, 1],
  ])('%d is carried as %d, once', (told, carried) => {
    const run = begun();
    run.progress(told);
    expect(run.takeProgress()).toEqual({ fraction: carried, note: null });
    expect(run.takeProgress()).toBeNull();
  });

  test('that is no number is none, and keeps the last', () => {
    const run = begun();
    run.progress(0.5, 'half');
    run.progress(Number.NaN, 'no');
    run.progress('many' as never);
    expect(run.takeProgress()).toEqual({ fraction: 0.5, note: 'half' });
  });

  test('has a note that the database keeps, and that is no book', () => {
    const run = begun();
    run.progress(1, `a\0b\ud800${'x'.repeat(10_000)}`);
    const { note } = run.takeProgress() ?? {};
    expect(note?.slice(0, 4)).toBe('ab\ufffdx');
    expect(note?.length).toBeLessThanOrEqual(500);
  });
});

describe('a run whose lease is lost', () => {
  test.each<[verb: string, call: (run: ActiveRun) => Promise<void>]>([
    ['checkpoint', (run) => run.checkpoint(1)],
    ['assertHeld', (run) => run.assertHeld()],
  ])('is told by %s, and its signal fires for that very reason', async (_, call) => {
    const run = begun({ checkpoint: async () => false, isHeld: async () => false });
    const error = await call(run).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(LeaseLostError);
    expect(run.signal.reason).toBe(error);
  });

  test('keeps the reason for which its signal fired first', async () => {
    const run = begun({ isHeld: async () => false });
    const first = new JobInterruptedError('first');
    run.abort(first);
    await run.assertHeld().catch(() => {});
    expect(run.signal.reason).toBe(first);
  });
});

test('a run that holds its lease is told nothing', async () => {
  const run = begun({ checkpoint: async () => true, isHeld: async () => true });
  await run.checkpoint(1);
  await run.assertHeld();
  expect(run.signal.aborted).toBe(false);
});

describe('the first end that a run declares stands', () => {
  const ends: [what: string, declare: (run: ActiveRun) => never, type: string][] = [
    ['snooze', (run) => run.snooze('5m'), 'snoozed'],
    ['ignore', (run) => run.ignore('gone'), 'ignored'],
  ];

  test.each(ends.flatMap((first) => ends.map((second) => [first[0], second[0], first, second] as const)))(
    '%s, then %s',
    (_first, _second, [, declare, type], [, declareAgain]) => {
      const run = begun();
      expect(thrownBy(() => declare(run))).toBeInstanceOf(Error);
      const declared = run.declared;
      expect(thrownBy(() => declareAgain(run))).toBeInstanceOf(Error);
      expect(thrownBy(() => run.snooze('9m'))).toBeInstanceOf(Error);
      expect(thrownBy(() => run.ignore('another'))).toBeInstanceOf(Error);
      expect(run.declared).toBe(declared);
      expect(run.declared).toMatchObject({ type });
    },
  );

  test('but what is no end is refused, and declares none', () => {
    const run = begun();
    for (const reason of ['', undefined, 7])
      expect(thrownBy(() => run.ignore(reason as never))).toBeInstanceOf(InvalidOptionsError);
    expect(thrownBy(() => run.snooze('soon' as never))).toBeInstanceOf(InvalidOptionsError);
    expect(run.declared).toBeUndefined();
  });

  test('with a reason that the database keeps, and that is no book', () => {
    const run = begun();
    thrownBy(() => run.ignore(`a\0b\ud800${'x'.repeat(10_000)}`));
    const { reason } = run.declared as { reason: string };
    expect(reason.slice(0, 4)).toBe('ab\ufffdx');
    expect(reason.length).toBeLessThanOrEqual(1_000);
  });
});

describe('staged data', () => {
  test('is the last that was set', async () => {
    const run = begun();
    run.set({ data: { n: 1 } });
    run.set({ data: { n: 2 } });
    expect(await run.staged()).toBe('{"n":2}');
  });

  test('is none where none was set', async () => {
    expect(await begun().staged()).toBeUndefined();
  });

  test('that its schema refuses is refused when the run ends, and nobody hears of it before', async () => {
    const run = begun();
    const unheard: unknown[] = [];
    const hear = (error: unknown) => void unheard.push(error);
    process.on('unhandledRejection', hear);
    run.set({ data: { n: 'one' } });
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('unhandledRejection', hear);
    expect(unheard).toEqual([]);
    await expect(run.staged()).rejects.toBeInstanceOf(InvalidJobError);
  });

  test.each([[undefined], [null], ['data'], [{}], [{ data: { n: 1 }, output: 2 }]])(
    'is all that %j may set',
    (changes) => {
      expect(thrownBy(() => begun().set(changes as never))).toBeInstanceOf(InvalidOptionsError);
    },
  );
});
