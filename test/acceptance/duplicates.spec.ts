import { defineJob, JobAlreadySucceededError, JobLockedError, JobMismatchError } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { holdRun } from '../support/held-run.js';
import { expireLease } from '../support/job-rows.js';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const never = () => {
  throw new Error('a duplicate must not run');
};

describe('refuse, which is the default', () => {
  test('a succeeded job answers with its output inside the refusal', async () => {
    await bed.tracker.track({ kind: 'refuse', id: '1' }, () => ({ charged: 5 }));
    const error = await thrownBy(() => bed.tracker.track({ kind: 'refuse', id: '1' }, never), JobAlreadySucceededError);
    expect(error).toMatchObject({ output: { charged: 5 }, job: { status: 'succeeded' } });
  });

  test('a running job is refused as locked, also from inside its own run', async () => {
    const job = { kind: 'refuse', id: 'nested' };
    await bed.tracker.track(job, async () => {
      await thrownBy(() => bed.tracker.track(job, never), JobLockedError);
      // Another job may be tracked inside a run.
      expect(await bed.tracker.track({ ...job, id: 'inner' }, () => 'inner')).toBe('inner');
    });
  });
});

describe('replay', () => {
  const at = new Date('2026-11-24T10:00:00Z');
  const kind = defineJob('replay', { output: z.object({ at: z.coerce.date() }), onDuplicate: 'replay' });

  test('every caller gets the stored form, the first one too, and is told which it was', async () => {
    const output = { at, secret: 'not in the schema' };
    const first = await bed.tracker.settle({ kind, id: '1' }, () => output);
    const second = await bed.tracker.settle({ kind, id: '1' }, never);
    expect(first).toEqual({ status: 'succeeded', output: { at }, replayed: false, redeliver: false });
    expect(second).toEqual({ status: 'succeeded', output: { at }, replayed: true, redeliver: false });
    expect(await bed.tracker.track({ kind, id: '1' }, never)).toEqual({ at });
  });

  test('without a schema the stored form is plain JSON', async () => {
    const replay = { onDuplicate: 'replay' } as const;
    for (const work of [() => ({ at, gone: undefined }), never])
      expect(await bed.tracker.track({ kind: 'plain', id: '1' }, work, replay)).toEqual({ at: at.toISOString() });
  });

  test('a running job is refused as locked', async () => {
    const held = await holdRun(bed.tracker, { kind: 'replay', id: 'locked' });
    await thrownBy(() => bed.tracker.track({ kind, id: 'locked' }, never), JobLockedError);
    await held.succeed();
  });

  test('a failed job runs again', async () => {
    await bed.tracker.settle({ kind, id: 'failed' }, () => Promise.reject(new Error('boom')));
    expect(await bed.tracker.track({ kind, id: 'failed' }, () => ({ at }))).toEqual({ at });
  });

  test('the handler’s own errors and verdicts are not replayed', async () => {
    await bed.tracker.settle({ kind, id: 'ignored' }, (run) => run.ignore('no'));
    expect(await bed.tracker.settle({ kind, id: 'ignored' }, never)).toMatchObject({ error: { code: 'JOB_IGNORED' } });
  });
});

describe('join', () => {
  const join = { onDuplicate: 'join' } as const;

  /** A call that waits for the held run; one that does not wait has been refused by the time that these have been answered. */
  async function joining<T>(call: Promise<T>): Promise<{ call: Promise<T> }> {
    let settled = false;
    const note = () => {
      settled = true;
    };
    call.then(note, note);
    for (let i = 0; i < 5; i++) await bed.tracker.count({ kind: 'join' });
    expect(settled).toBe(false);
    return { call };
  }

  test('callers at once run it once, wait, and all get its output', async () => {
    const job = { kind: 'join', id: '1', data: 'same' };
    const held = await holdRun(bed.tracker, job, join);
    const calls = Promise.all(Array.from({ length: 20 }, () => bed.tracker.settle(job, never, join)));
    const { call } = await joining(calls);
    expect(await held.succeed({ at: new Date(0) })).toMatchObject({
      replayed: false,
      output: { at: '1970-01-01T00:00:00.000Z' },
    });
    const replayed = {
      status: 'succeeded',
      replayed: true,
      output: { at: '1970-01-01T00:00:00.000Z' },
      redeliver: false,
    };
    expect(await call).toEqual(Array(20).fill(replayed));
    expect(await bed.tracker.get({ kind: 'join', id: '1' })).toMatchObject({ claims: 1 });
  });

  test('who waited for a run that failed runs it', async () => {
    const job = { kind: 'join', id: 'failed' };
    const held = await holdRun(bed.tracker, job);
    const { call } = await joining(bed.tracker.track(job, () => 'by the second', join));
    await held.fail(new Error('boom'));
    expect(await call).toBe('by the second');
  });

  test('who waited for a run that was snoozed is told when it is due', async () => {
    const job = { kind: 'join', id: 'snoozed' };
    const held = await holdRun(bed.tracker, job);
    const { call } = await joining(bed.tracker.settle(job, never, join));
    expect(() => held.run.snooze('1h')).toThrow();
    await held.succeed();
    expect(await call).toMatchObject({ status: 'refused', error: { code: 'JOB_NOT_DUE' } });
  });

  test('a run that joins its own job, directly or through another run, is refused at once and told why', async () => {
    const job = { kind: 'join', id: 'own' };
    const own = expect.stringContaining('held by the very run that this call is made in');
    await bed.tracker.track(job, async () => {
      expect(await thrownBy(() => bed.tracker.track(job, never, join), JobLockedError)).toMatchObject({ message: own });
      const inner = bed.tracker.track({ kind: 'join', id: 'inner' }, () => bed.tracker.settle(job, never, join));
      expect(await inner).toMatchObject({ status: 'refused', error: { code: 'JOB_LOCKED', message: own } });
    });
    expect(await bed.tracker.get(job)).toMatchObject({ status: 'succeeded', claims: 1 });
  });

  test('a wait inside a run ends with that run’s timeout', async () => {
    const held = await holdRun(bed.tracker, { kind: 'join', id: 'held' });
    const waits = bed.tracker.settle(
      { kind: 'join', id: 'waits' },
      () => bed.tracker.track({ kind: 'join', id: 'held' }, never, join),
      { timeout: 50 },
    );
    expect(await waits).toMatchObject({ status: 'failed', error: { code: 'JOB_TIMEOUT' } });
    await held.succeed();
  });

  test('who waits for a dead worker takes over from it', async () => {
    const job = { kind: 'join', id: 'dead' };
    const dead = await holdRun(bed.tracker, job);
    const { call } = await joining(bed.tracker.track(job, (run) => run.job.crashes, join));
    await expireLease(bed.sql, job);
    expect(await call).toBe(1);
    await dead.succeed();
  });
});

describe.each(['replay', 'join'] as const)('other data under the same id, with %s', (onDuplicate) => {
  const call = (id: string, data?: unknown) =>
    bed.tracker.settle({ kind: `mismatch-${onDuplicate}`, id, data }, () => 1, { onDuplicate });
  const mismatch = { status: 'refused', error: expect.any(JobMismatchError), redeliver: false };

  test('is JobMismatchError, whatever became of the job', async () => {
    const kind = `mismatch-${onDuplicate}`;
    await call('succeeded', { amount: 10 });
    await bed.tracker.register({ kind, id: 'pending', data: { amount: 10 } });
    await bed.tracker.settle({ kind, id: 'failed', data: { amount: 10 } }, never);
    const held = await holdRun(bed.tracker, { kind, id: 'running', data: { amount: 10 } });
    for (const id of ['succeeded', 'pending', 'failed', 'running'])
      expect(await call(id, { amount: 1_000 })).toMatchObject(mismatch);
    await held.succeed();
  });

  test('the order of keys is no other data, nor is what JSON drops', async () => {
    await call('order', { a: 1, b: { c: [1, 2], d: null } });
    const same = await call('order', { b: { d: null, c: [1, 2], e: undefined }, a: 1 });
    expect(same).toMatchObject({ status: 'succeeded', replayed: true });
    expect(await call('order', { a: 1, b: { c: [2, 1], d: null } })).toMatchObject(mismatch);
  });

  test('a call that gives no data asks for nothing; some data is other than none', async () => {
    await call('asked', { amount: 10 });
    expect(await call('asked')).toMatchObject({ status: 'succeeded', replayed: true });
    await call('none');
    expect(await call('none', { amount: 10 })).toMatchObject(mismatch);
    expect(await call('none', null)).toMatchObject(mismatch);
  });
});

test('with refuse other data is not looked at: the first stays', async () => {
  await bed.tracker.register({ kind: 'first', id: '1', data: 'first' });
  expect(await bed.tracker.track({ kind: 'first', id: '1', data: 'second' }, (run) => run.job.data)).toBe('first');
});

describe('rerun', () => {
  const rerun = { onDuplicate: 'rerun' } as const;

  test('a succeeded job runs again, its history grows, its data is that of the first', async () => {
    for (const n of [1, 2, 3])
      expect(await bed.tracker.track({ kind: 'rerun', id: '1', data: n }, () => n, rerun)).toBe(n);
    expect(await bed.tracker.get({ kind: 'rerun', id: '1' })).toMatchObject({ claims: 3, data: 1, output: 3 });
    expect(await bed.tracker.attempts({ kind: 'rerun', id: '1' })).toHaveLength(3);
  });

  test('a running job is refused as locked, an ignored one as ignored', async () => {
    const held = await holdRun(bed.tracker, { kind: 'rerun', id: 'locked' });
    expect(await bed.tracker.settle({ kind: 'rerun', id: 'locked' }, never, rerun)).toMatchObject({
      error: { code: 'JOB_LOCKED' },
    });
    await held.succeed();
    await bed.tracker.settle({ kind: 'rerun', id: 'ignored' }, (run) => run.ignore('no'));
    expect(await bed.tracker.settle({ kind: 'rerun', id: 'ignored' }, never, rerun)).toMatchObject({
      error: { code: 'JOB_IGNORED' },
    });
  });
});

test('skip is for handlers: track and settle refuse a duplicate of a kind that skips', async () => {
  const kind = defineJob('skip', { onDuplicate: 'skip' });
  await bed.tracker.track({ kind, id: '1' }, () => 1);
  await thrownBy(() => bed.tracker.track({ kind, id: '1' }, never), JobAlreadySucceededError);
  expect(await bed.tracker.settle({ kind, id: '1' }, never)).toMatchObject({ status: 'refused' });
});
