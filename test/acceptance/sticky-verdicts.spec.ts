import { InvalidOptionsError, JobIgnoredError, JobNotDueError, type JobRun } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();

/** What handlers do once they have declared how the run ends. */
const afterwards: [what: string, handler: (declare: () => never) => unknown][] = [
  ['returns it', (declare) => declare()],
  [
    'catches it and returns',
    (declare) => {
      try {
        declare();
      } catch {
        return 'all is well';
      }
    },
  ],
  [
    'catches it and throws something else',
    (declare) => {
      try {
        declare();
      } catch {
        throw new Error('not that');
      }
    },
  ],
  [
    'lets it reject somewhere else and returns',
    (declare) => {
      Promise.resolve()
        .then(declare)
        .catch(() => {});
      return new Promise((resolve) => setImmediate(resolve, 'all is well'));
    },
  ],
];

describe.each(afterwards)('a handler that declares its end and %s', (what, handler) => {
  test('after snooze the job is pending, and nothing was counted', async () => {
    const job = { kind: 'snooze', id: what };
    const work = (run: JobRun) => handler(() => run.snooze('5m'));
    await expect(bed.tracker.track(job, work)).rejects.toBeInstanceOf(JobNotDueError);
    const snoozed = await bed.tracker.get(job);
    expect(snoozed).toMatchObject({
      status: 'pending',
      claims: 1,
      attempts: 0,
      failures: 0,
      error: null,
      output: null,
    });
    expect(snoozed?.runAt.getTime()).toBeCloseTo((snoozed?.finishedAt?.getTime() ?? 0) + 300_000, -1);
    expect(await bed.tracker.attempts(job)).toMatchObject([{ outcome: 'snoozed', attempt: 1, error: null }]);
  });

  test('after ignore the job is ignored, with the reason and without an error', async () => {
    const job = { kind: 'ignore', id: what };
    const work = (run: JobRun) => handler(() => run.ignore('its order was cancelled'));
    await expect(bed.tracker.track(job, work)).rejects.toBeInstanceOf(JobIgnoredError);
    const ignored = { status: 'ignored', reason: 'its order was cancelled', error: null, attempts: 1, failures: 0 };
    expect(await bed.tracker.get(job)).toMatchObject(ignored);
    expect(await bed.tracker.attempts(job)).toMatchObject([{ outcome: 'ignored', error: null }]);
  });
});

test('the first verdict stands', async () => {
  const both = (first: () => never, second: () => never) => {
    for (const declare of [first, second])
      try {
        declare();
      } catch {
        // the second one comes too late
      }
  };
  await bed.tracker.settle({ kind: 'two', id: 'snooze' }, (run) =>
    both(
      () => run.snooze(1_000),
      () => run.ignore('no'),
    ),
  );
  expect(await bed.tracker.get({ kind: 'two', id: 'snooze' })).toMatchObject({ status: 'pending' });
  await bed.tracker.settle({ kind: 'two', id: 'ignore' }, (run) =>
    both(
      () => run.ignore('no'),
      () => run.snooze(1_000),
    ),
  );
  expect(await bed.tracker.get({ kind: 'two', id: 'ignore' })).toMatchObject({ status: 'ignored' });
});

test('a snooze of no time is due at once, and may go on for ever', async () => {
  const job = { kind: 'again', id: '1' };
  for (let i = 1; i <= 5; i++) {
    await bed.tracker.settle(job, (run) => run.snooze(0), { maxAttempts: 1 });
    expect(await bed.tracker.get(job)).toMatchObject({ status: 'pending', claims: i, attempts: 0 });
  }
  expect(await bed.tracker.track(job, (run) => run.job.attempts)).toBe(1);
});

test('a malformed verdict is no verdict: it fails the run, and names what was wrong', async () => {
  const snoozed = bed.tracker.track({ kind: 'bad', id: '1' }, (run) => run.snooze('soon' as never));
  await expect(snoozed).rejects.toBeInstanceOf(InvalidOptionsError);
  const ignored = bed.tracker.track({ kind: 'bad', id: '2' }, (run) => run.ignore(''));
  await expect(ignored).rejects.toThrow(/run\.ignore: expected a reason, got: ""/);
  expect(await bed.tracker.get({ kind: 'bad', id: '1' })).toMatchObject({ status: 'failed' });
});

test('data that was set and a checkpoint of a snoozed run: the first is dropped, the second stays', async () => {
  const job = { kind: 'kept', id: '1' };
  await bed.tracker.register({ ...job, data: 'given' });
  await bed.tracker.settle(job, async (run) => {
    run.set({ data: 'staged' });
    await run.checkpoint({ page: 3 });
    return run.snooze(0);
  });
  expect(await bed.tracker.get(job)).toMatchObject({ data: 'given', checkpoint: { page: 3 } });
});
