import { expect, it } from 'vitest';
import { useProxiedApp } from '../support/proxied-app.js';
import { STATEMENTS } from '../support/statements.js';

const app = useProxiedApp();

it('a rerun that reaches the database once more does not run the job a second time', async () => {
  const job = { kind: 'late', id: 'rerun' };
  await app.tracker.track(job, () => 'first');
  const spoiling = app.proxy.spoil(STATEMENTS.retry, 'late');
  await app.tracker.retry(job, { rerun: true });
  await app.tracker.track(job, () => 'rerun');
  await spoiling.deliver();
  expect(await app.tracker.get(job)).toMatchObject({ status: 'succeeded', claims: 2 });
});

it('an ignore that reaches the database once more does not put aside what was retried since', async () => {
  const job = { kind: 'late', id: 'ignore' };
  await app.tracker.register(job);
  const spoiling = app.proxy.spoil(STATEMENTS.ignore, 'late');
  await app.tracker.ignore(job, 'no use');
  await app.tracker.retry(job);
  await spoiling.deliver();
  expect(await app.tracker.get(job)).toMatchObject({ status: 'pending' });
});

it('a removal that reaches the database once more does not remove what was registered since', async () => {
  const job = { kind: 'late', id: 'remove' };
  await app.tracker.register(job);
  const spoiling = app.proxy.spoil(STATEMENTS.remove, 'late');
  await app.tracker.remove(job);
  await app.tracker.register(job);
  await spoiling.deliver();
  expect(await app.tracker.get(job)).toMatchObject({ status: 'pending' });
});
