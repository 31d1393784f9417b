// Tracks random jobs of a few, by calls and by a consumer, until it is killed; logs what it was granted and what it was told.
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobRun } from 'nestjs-job-tracking';
import { Pool } from 'pg';
import { startApp } from '../support/app.js';
import { chanceOf } from '../support/seed.js';
import { STORM_KIND, STORM_LEASE, STORM_POLL, type StormOptions } from '../support/storm.js';
import { toldByThrow, toldOf } from '../support/told.js';

process.once('disconnect', () => process.exit()); // the test is gone

const { url, worker, jobs }: StormOptions = JSON.parse(process.argv[2] ?? '{}');
const chance = chanceOf('storm', worker);
const { tracker } = await startApp({ url, tracking: { worker } });
const log = new Pool({ connectionString: url, max: 2 });

const POLICY = {
  lease: STORM_LEASE,
  maxAttempts: 1_000_000,
  maxCrashes: 1_000_000,
  backoff: 20,
  classify: (error: unknown) => (String(error).includes('release') ? 'release' : 'retry'),
} as const;

async function handle(run: JobRun): Promise<unknown> {
  const { id, claims } = run.job;
  await log.query('insert into granted values ($1, $2, $3)', [id, claims, worker]);
  const dice = chance();
  // A process that is busy for longer than its lease renews nothing.
  if (dice < 0.03) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STORM_LEASE * 1.4);
  const heeds = chance() < 0.5 ? { signal: run.signal } : {};
  await sleep(chance() ** 3 * 2 * STORM_LEASE, undefined, heeds);
  if (dice < 0.4) return { claim: claims, worker };
  if (dice < 0.7) throw new Error(`failure of claim ${claims}`);
  if (dice < 0.85) return run.snooze(20);
  if (dice < 0.95) throw new Error(`release of claim ${claims}`);
  return run.ignore(`reason of claim ${claims}`);
}

async function call(): Promise<void> {
  const id = String(Math.floor(chance() * jobs));
  let claim: number | null = null;
  const work = (run: JobRun) => {
    claim = run.job.claims;
    return handle(run);
  };
  const asked = tracker.settle({ kind: STORM_KIND, id }, work, { ...POLICY, onDuplicate: 'rerun' });
  const told = await asked.then(
    (outcome) => toldOf(id, claim, outcome),
    (error) => toldByThrow(id, claim, error),
  );
  await log.query('insert into told values ($1)', [JSON.stringify(told)]);
  // A refusal costs next to nothing: without a pause they would be all there is.
  if (told.status === 'refused') await sleep(10);
}

tracker.consume(STORM_KIND, handle, { ...POLICY, concurrency: 2, pollInterval: STORM_POLL });
process.send?.('ready');
await Promise.all(
  [1, 2, 3].map(async () => {
    for (;;) await call();
  }),
);
