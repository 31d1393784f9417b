// Crons on several instances: one run a slot, also where an instance dies in the middle of one.
import { once } from 'node:events';
import { Injectable } from '@nestjs/common';
import { Cron, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { slot, Tracked } from 'nestjs-job-tracking';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { startBuiltProgram } from '../support/built-program.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { nightly, nightlyParts } from '../support/nightly.js';

const SLOTS = 20;
let runs = 0;

@Injectable()
class Ticks {
  // Only the law fires it: a real minute that begins meanwhile is no slot of its.
  @Cron('0 * * * * *', { name: 'ticks', disabled: true })
  @Tracked(slot('minute', { timeZone: 'Europe/Berlin' }), 'tick')
  async tick() {
    runs++;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());
afterEach(() => {
  vi.useRealTimers();
});

it('two instances with one slot cron run each of twenty slots once, and neither tick throws', async () => {
  const start = () => startApp({ url: database.url, imports: [ScheduleModule.forRoot()], providers: [Ticks] });
  await using apps = new AsyncDisposableStack();
  const instances: TestApp[] = [apps.use(await start()), apps.use(await start())];
  const jobs = instances.map(({ nest }) => nest.get(SchedulerRegistry).getCronJob('ticks'));
  const midnight = Date.UTC(2026, 9, 25, 0, 50); // clocks are set back in between
  for (let i = 0; i < SLOTS; i++) {
    vi.useFakeTimers({ toFake: ['Date'], now: midnight + i * 60_000 - (i % 2) * 900 });
    await Promise.all(jobs.map((job) => job.fireOnTick()));
    vi.useRealTimers();
  }
  const [app] = instances as [TestApp];
  await eventually(async () => expect(await app.tracker.count({ kind: 'tick', status: 'succeeded' })).toBe(SLOTS));
  expect([runs, await app.tracker.count({ kind: 'tick' })]).toEqual([SLOTS, SLOTS]);
  const { items } = await app.tracker.list({ kind: 'tick' });
  expect(items.every(({ claims }) => claims === 1)).toBe(true);
});

it('a slot whose instance is killed in the middle is run by another after the lease', async () => {
  const killed = await startBuiltProgram('nightly-worker', [database.url]);
  const [id] = (await once(killed, 'message')) as [string];
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  await using other = await startApp({
    url: database.url,
    tracking: { worker: 'other' },
    ...nightlyParts(async () => ({ by: 'other' })),
  });
  const job = { kind: nightly, id };
  await eventually(async () => expect((await other.tracker.get(job))?.status).toBe('succeeded'));
  expect(await other.tracker.attempts(job)).toMatchObject([
    { claim: 1, worker: 'killed', outcome: 'crashed' },
    { claim: 2, worker: 'other', outcome: 'succeeded' },
  ]);
});
