import { defineJob } from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const kind = defineJob<{ file: string }, string>('import', { maxAttempts: 1 });
const policy = { maxAttempts: 2 };

function read(file: string): string {
  if (file.endsWith('.csv')) throw new Error(`line ${file.length}: expected 7 columns, got 12 in "${file}"`);
  throw new TypeError(`cannot read ${file}`);
}

test('after a fix the jobs of one cause run again, found by one of them, failed and ignored alike', async () => {
  const files = ['a.csv', 'bb.csv', 'ccc.csv', 'd.xml'];
  for (const file of files)
    await bed.tracker.settle({ kind, id: file, data: { file } }, (run) => read(run.job.data.file));
  for (const file of ['e.csv', 'f.xml'])
    await bed.tracker.settle({ kind, id: file, data: { file } }, (run) => read(run.job.data.file), policy);

  const { items } = await bed.tracker.list({ kind, status: ['failed', 'ignored'], ids: ['a.csv'] });
  const errorFingerprint = items[0]?.error?.fingerprint ?? '';
  const sameCause = { kind, status: ['failed', 'ignored'], errorFingerprint } as const;
  expect((await bed.tracker.list(sameCause)).items.map(({ id }) => id)).toEqual([
    'a.csv',
    'bb.csv',
    'ccc.csv',
    'e.csv',
  ]);

  expect(await bed.tracker.retryMany(sameCause)).toBe(4);
  const consumer = bed.tracker.consume(kind, (run) => `${run.job.data.file} was read`);
  await consumer.drain();
  expect(consumer.counts.succeeded).toBe(4);
  expect(await bed.tracker.count({ kind, status: ['failed', 'ignored'] })).toBe(2);
  expect(await bed.tracker.count(sameCause)).toBe(0);
});

test('an unknown one matches nothing', async () => {
  expect(await bed.tracker.retryMany({ errorFingerprint: 'unknown' })).toBe(0);
});
