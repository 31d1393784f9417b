import { StoreUnavailableError } from 'nestjs-job-tracking';
import { expect, test, vi } from 'vitest';
import { startApp } from '../../support/app.js';
import { createTestDatabase } from '../../support/database.js';
import { thrownBy } from '../../support/thrown.js';

test('whoever still calls when the app has closed is told at once that the store is not there', async () => {
  const database = await createTestDatabase();
  const { tracker, close } = await startApp({ url: database.url });
  const job = { kind: 'closed', id: '1' };
  await tracker.register(job);
  await close();
  const closed = performance.now();
  const calls: (() => Promise<unknown>)[] = [
    () => tracker.register({ kind: 'closed', id: '2' }),
    () => tracker.registerMany([{ kind: 'closed', id: '3' }]),
    () => tracker.get(job),
    () => tracker.count(),
    () => tracker.retry(job),
    () => tracker.removeMany({ kind: 'closed' }),
  ];
  for (const call of calls) {
    const error = await thrownBy(call, StoreUnavailableError);
    expect(error.message).toContain('closed');
  }
  const handler = vi.fn();
  expect(await tracker.settle(job, handler)).toMatchObject({ status: 'pending', error: { code: 'JOB_INTERRUPTED' } });
  expect(handler).not.toHaveBeenCalled();
  expect(performance.now() - closed).toBeLessThan(1_000);
  expect(await database.sql('select id, status from job')).toEqual([{ id: '1', status: 'pending' }]);
  await database.drop();
});
