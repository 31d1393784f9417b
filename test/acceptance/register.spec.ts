import { InvalidJobError, InvalidOptionsError, type JobSpec } from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();

test('the first registration stays: its data, time, priority and bound', async () => {
  const job = { kind: 'first', id: '1' };
  const runAt = new Date('2100-01-01T00:00:00Z');
  const first = await bed.tracker.register({ ...job, data: { by: 'first' }, runAt, priority: 7, maxAttempts: 9 });
  expect(first).toMatchObject({ registered: true, job: { ...job, status: 'pending', data: { by: 'first' }, runAt } });

  const again = await bed.tracker.register({ ...job, data: { by: 'second' }, priority: 1, maxAttempts: 1 });
  expect(again).toEqual({ registered: false, job: first.job });
  expect(again.job).toMatchObject({ priority: 7, maxAttempts: 9, claims: 0, attempts: 0, failures: 0, crashes: 0 });
});

test('a job that has run is known, and stays as it is', async () => {
  await bed.tracker.track({ kind: 'known', id: '1', data: 1 }, () => 'output');
  const { registered, job } = await bed.tracker.register({ kind: 'known', id: '1', data: 2 });
  expect({ registered, job }).toMatchObject({
    registered: false,
    job: { status: 'succeeded', data: 1, output: 'output' },
  });
});

test('of fifty registrations at once one is the first', async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, data) => bed.tracker.register({ kind: 'race', id: '1', data })),
  );
  const [first, ...others] = answers.filter(({ registered }) => registered);
  expect(others).toEqual([]);
  expect(new Set(answers.map(({ job }) => job.data))).toEqual(new Set([first?.job.data]));
});

test('a job without a kind is of the kind default, for everybody', async () => {
  await bed.tracker.register({ id: 'plain' });
  expect(await bed.tracker.get('plain')).toMatchObject({ kind: 'default', id: 'plain' });
  expect(await bed.tracker.get({ kind: 'default', id: 'plain' })).not.toBeNull();
});

test('ids are kept as they are: not trimmed, not folded, not normalised; a whole number is its text', async () => {
  const ids = [' a', 'a', 'A', 'a ', '\u00e9', 'e\u0301', '%', '日本', '7', 'x'.repeat(512)];
  await bed.tracker.registerMany(ids.map((id) => ({ kind: 'as-is', id })));
  expect(await bed.tracker.count({ kind: 'as-is' })).toBe(ids.length);
  for (const id of ids) expect(await bed.tracker.get({ kind: 'as-is', id })).toMatchObject({ id });
  expect(await bed.tracker.get({ kind: 'as-is', id: 7 as never })).toMatchObject({ id: '7' });
});

test('a stream of thousands is registered once, however often it comes', async () => {
  async function* stream(): AsyncGenerator<JobSpec> {
    for (let i = 0; i < 3_000; i++) yield { kind: 'stream', id: String(i % 2_500), data: { i } };
  }
  expect(await bed.tracker.registerMany(stream())).toEqual({ registered: 2_500, existing: 500 });
  expect(await bed.tracker.registerMany(stream())).toEqual({ registered: 0, existing: 3_000 });
  expect(await bed.tracker.get({ kind: 'stream', id: '7' })).toMatchObject({ data: { i: 7 } });
});

test('an array, a set and a generator are streams too; an empty one registers nothing', async () => {
  const jobs = (id: string) => [{ kind: 'iterables', id }];
  expect(await bed.tracker.registerMany(jobs('array'))).toEqual({ registered: 1, existing: 0 });
  expect(await bed.tracker.registerMany(new Set(jobs('set')))).toEqual({ registered: 1, existing: 0 });
  expect(await bed.tracker.registerMany(jobs('generator').values())).toEqual({ registered: 1, existing: 0 });
  expect(await bed.tracker.registerMany([])).toEqual({ registered: 0, existing: 0 });
});

test('a bad row rejects with its index, and the sets before it stay', async () => {
  const rows = Array.from({ length: 1_200 }, (_, i) => ({ kind: 'bad-row', id: i === 1_100 ? '' : String(i) }));
  const error = await thrownBy(() => bed.tracker.registerMany(rows), InvalidJobError);
  expect(error.field).toBe('jobs[1100].id');
  expect(error.message).toContain('jobs[1100]');
  expect(await bed.tracker.count({ kind: 'bad-row' })).toBe(1_000);

  const mended = rows.map((row) => (row.id === '' ? { ...row, id: '1100' } : row));
  expect(await bed.tracker.registerMany(mended)).toEqual({ registered: 200, existing: 1_000 });
});

test('a source that breaks rejects with its own error, and is told to stop when a row is bad', async () => {
  let stopped = false;
  function* source(row: JobSpec): Generator<JobSpec> {
    try {
      yield row;
      throw new Error('the file ended early');
    } finally {
      stopped = true;
    }
  }
  await expect(bed.tracker.registerMany(source({ kind: 'source', id: '1' }))).rejects.toThrow('the file ended early');
  stopped = false;
  await thrownBy(() => bed.tracker.registerMany(source({ kind: 'source', id: '' })), InvalidJobError);
  expect(stopped).toBe(true);
});

test.each([undefined, null, 7, 'a text', {}])('what is no stream is refused: %s', async (jobs) => {
  const error = await thrownBy(() => bed.tracker.registerMany(jobs as never), InvalidOptionsError);
  expect(error.message).toMatch(/registerMany: expected jobs to be iterable, got: /);
});
