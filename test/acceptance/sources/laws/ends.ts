import { expect, test, vi } from 'vitest';
import type { Bed } from '../bed.js';
import { history } from '../histories.js';

const fails = (message: string) => () => {
  throw new Error(message);
};

/** One call after the other. */
export function lawsOfEnds(bed: Bed): void {
  test('a success is recorded with its output: one claim, one outcome', async () => {
    bed.tells('success', await bed.app.calls('plain', 'success', (run) => run.job.attempts === 1 && 'done'));
    expect(await bed.tracker.get({ kind: 'plain', id: 'success' })).toMatchObject({
      status: 'succeeded',
      output: 'done',
    });
    expect(await bed.history('plain', 'success')).toEqual(history.success);
  });

  test('a duplicate of a job that has succeeded runs nothing', async () => {
    await bed.app.calls('plain', 'duplicate', () => 'done');
    const again = vi.fn();
    bed.tells('duplicate', await bed.app.calls('plain', 'duplicate', again));
    expect(again).not.toHaveBeenCalled();
    expect(await bed.history('plain', 'duplicate')).toEqual(history.success);
  });

  test('under replay a duplicate gets the stored output and runs nothing', async () => {
    await bed.app.calls('kept', 'replayed', () => 'done', { amount: 1 });
    const again = vi.fn();
    bed.tells('replayed', await bed.app.calls('kept', 'replayed', again, { amount: 1 }));
    expect(again).not.toHaveBeenCalled();
    expect(await bed.history('kept', 'replayed')).toEqual(history.success);
  });

  test('under replay the same id with other data runs nothing, and the first data stay', async () => {
    await bed.app.calls('kept', 'mismatch', () => 'done', { amount: 1 });
    const other = vi.fn();
    bed.tells('mismatch', await bed.app.calls('kept', 'mismatch', other, { amount: 2 }));
    expect(other).not.toHaveBeenCalled();
    expect(await bed.tracker.get({ kind: 'kept', id: 'mismatch' })).toMatchObject({ data: { amount: 1 } });
    expect(await bed.history('kept', 'mismatch')).toEqual(history.success);
  });

  test('a handler that always throws is tried to its limit, then ignored: its error is kept, and it runs no more', async () => {
    bed.tells('failure', await bed.app.calls('twice', 'ignored', fails('failure')));
    bed.tells('lastFailure', await bed.app.calls('twice', 'ignored', fails('lastFailure')));
    const again = vi.fn();
    bed.tells('ignored', await bed.app.calls('twice', 'ignored', again));
    expect(again).not.toHaveBeenCalled();
    expect(await bed.tracker.get({ kind: 'twice', id: 'ignored' })).toMatchObject({
      status: 'ignored',
      error: { name: 'Error', message: 'lastFailure' },
      failures: 2,
    });
    expect(await bed.history('twice', 'ignored')).toEqual(history.ignored);
  });

  const asked = ['caller', 'queue'].includes(bed.source.family);
  test(`a failed job ${asked ? 'runs at once when it is called' : 'runs only when its backoff has passed'}`, async () => {
    await bed.app.calls('patient', 'backingOff', fails('a first failure'));
    bed.tells('backingOff', await bed.app.calls('patient', 'backingOff', () => 'done'));
    expect(await bed.history('patient', 'backingOff')).toEqual(history[asked ? 'ranAtOnce' : 'waits']);
  });

  test('a run that is snoozed counts nothing, and its job is not due', async () => {
    bed.tells('snoozed', await bed.app.calls('plain', 'snoozed', (run) => run.snooze('1h')));
    expect(await bed.tracker.get({ kind: 'plain', id: 'snoozed' })).toMatchObject({ status: 'pending', attempts: 0 });
    expect(await bed.history('plain', 'snoozed')).toEqual(history.snoozed);
  });
}
