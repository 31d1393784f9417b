import { defineJob, JobTimeoutError, type TrackingPolicy } from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
class CardDeclined extends Error {}
const declined = () => {
  throw new CardDeclined('insufficient funds');
};
const settle = (id: string, classify: TrackingPolicy['classify']) =>
  bed.tracker.settle({ kind: 'classify', id }, declined, { classify });
const get = (id: string) => bed.tracker.get({ kind: 'classify', id });

test('ignore: the job can never succeed, and is ignored at its first failure, with the error', async () => {
  expect(await settle('ignore', () => 'ignore')).toMatchObject({ status: 'ignored', redeliver: false });
  expect(await get('ignore')).toMatchObject({
    status: 'ignored',
    reason: 'insufficient funds',
    error: { name: 'CardDeclined', message: 'insufficient funds' },
    attempts: 1,
  });
  expect(await bed.tracker.attempts({ kind: 'classify', id: 'ignore' })).toMatchObject([
    { outcome: 'ignored', error: { name: 'CardDeclined' } },
  ]);
});

test('ignore: an error that says nothing leaves a reason all the same', async () => {
  const job = { kind: 'classify', id: 'wordless' };
  await bed.tracker.settle(job, () => Promise.reject(new Error('')), { classify: () => 'ignore' });
  expect(await get('wordless')).toMatchObject({ status: 'ignored', reason: 'the error was classified as final' });
});

test('release: not the job’s fault, pending again at once, nothing counted', async () => {
  for (let claims = 1; claims <= 4; claims++) {
    await settle('release', () => 'release');
    expect(await get('release')).toMatchObject({ status: 'pending', claims, attempts: 0, failures: 0, error: null });
  }
  const outcomes = (await bed.tracker.attempts({ kind: 'classify', id: 'release' })).map(({ outcome }) => outcome);
  expect(outcomes).toEqual(['released', 'released', 'released', 'released']);
});

test('retryIn: a failure that is due again after the given time, exactly', async () => {
  expect(await settle('retry-in', () => ({ retryIn: '90s' }))).toMatchObject({ status: 'failed', redeliver: 90_000 });
  const job = await get('retry-in');
  expect((job?.runAt.getTime() ?? 0) - (job?.finishedAt?.getTime() ?? 0)).toBe(90_000);
});

test.each([
  ['retry', () => 'retry' as const],
  ['undefined', () => undefined],
  [
    'a classify that throws',
    () => {
      throw new Error('classify is broken');
    },
  ],
  ['nonsense', () => 'nonsense' as never],
  ['a malformed retryIn', () => ({ retryIn: 'soon' as never })],
])('%s: an ordinary failure', async (id, classify) => {
  expect(await settle(id, classify)).toMatchObject({ status: 'failed', error: expect.any(CardDeclined) });
  expect(await get(id)).toMatchObject({ status: 'failed', failures: 1, error: { name: 'CardDeclined' } });
});

test('it is given the thrown thing itself and the run', async () => {
  const given: unknown[] = [];
  const classify: TrackingPolicy['classify'] = (error, run) => {
    given.push(error, run.job.id, run.idempotencyKey);
    return 'ignore';
  };
  await bed.tracker.settle({ kind: 'given', id: '1' }, () => Promise.reject('a text'), { classify });
  expect(given).toEqual(['a text', '1', 'given:1']);
});

test('it may tell a timeout from the rest', async () => {
  const kind = defineJob('slow', {
    timeout: 20,
    classify: (error) => (error instanceof JobTimeoutError ? 'ignore' : undefined),
  });
  const told = await bed.tracker.settle({ kind, id: '1' }, ({ signal }) => {
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  expect(told.status).toBe('ignored');
});

test('a kind’s classify holds for every call that does not bring its own', async () => {
  const kind = defineJob('of-kind', { classify: () => 'ignore' });
  expect(await bed.tracker.settle({ kind, id: '1' }, declined)).toMatchObject({ status: 'ignored' });
  const own = await bed.tracker.settle({ kind, id: '2' }, declined, { classify: () => 'release' });
  expect(own).toMatchObject({ status: 'pending' });
});
