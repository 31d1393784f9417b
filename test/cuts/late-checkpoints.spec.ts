import { expect, it } from 'vitest';
import { holdRun } from '../support/held-run.js';
import { useProxiedApp } from '../support/proxied-app.js';
import { STATEMENTS } from '../support/statements.js';

const app = useProxiedApp();

it('a checkpoint that reaches the database once more, when a later one stands there, does not bring the older state back', async () => {
  const job = { kind: 'late', id: '1' };
  const first = await holdRun(app.tracker, job);
  await first.run.checkpoint({ offset: 0 });
  const spoiling = app.proxy.spoil(STATEMENTS.checkpoint, 'late');
  await first.run.checkpoint({ offset: 7 });
  await first.run.checkpoint({ offset: 14 });
  expect(spoiling.met).toBe(1);
  await spoiling.deliver();
  await first.fail(new Error('as planned'));

  const second = await holdRun(app.tracker, job);
  expect(second.run.job.checkpoint).toEqual({ offset: 14 });
  await second.run.checkpoint({ offset: 21 });
  expect(await app.tracker.get(job)).toMatchObject({ checkpoint: { offset: 21 } });
  await second.succeed();
});

it('of two checkpoints that both reach it once more, neither brings an older state back', async () => {
  const job = { kind: 'late', id: 'two' };
  const { run, succeed } = await holdRun(app.tracker, job);
  const late = [];
  for (const offset of [7, 14]) {
    late.push(app.proxy.spoil(STATEMENTS.checkpoint, 'late'));
    await run.checkpoint({ offset });
  }
  await run.checkpoint({ offset: 21 });
  for (const spoiling of late) {
    expect(spoiling.met).toBe(1);
    await spoiling.deliver();
    expect(await app.tracker.get(job)).toMatchObject({ checkpoint: { offset: 21 } });
  }
  await succeed();
});

it('of checkpoints that are written at once, the last one that was asked for stands', async () => {
  const job = { kind: 'at once', id: '1' };
  const { run, succeed } = await holdRun(app.tracker, job);
  const spoiling = app.proxy.spoil(STATEMENTS.checkpoint, 'request lost');
  await Promise.all([1, 2, 3].map((step) => run.checkpoint({ step })));
  expect(spoiling.met).toBe(1);
  expect(await app.tracker.get(job)).toMatchObject({ checkpoint: { step: 3 } });
  await succeed();
});
