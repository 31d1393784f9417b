import { setTimeout as sleep } from 'node:timers/promises';
import type { JobRun } from 'nestjs-job-tracking';
import { expect } from 'vitest';
import type { TestApp } from '../support/app.js';
import type { Sql } from '../support/connection.js';
import { crowd } from '../support/crowd.js';
import { brokenHistory, grantRecords } from '../support/history.js';
import { chanceOf } from '../support/seed.js';
import { liesTold, type Told, toldByThrow, toldOf } from '../support/told.js';

export const CALLED = 'called';
export const CONSUMED = 'consumed';
const CALLS = 200;
const IDS = 160;
const chance = chanceOf('two hundred runs');
const POLICY = {
  lease: 5_000,
  maxAttempts: 100,
  maxCrashes: 100,
  classify: (error: unknown) => (String(error).includes('release') ? 'release' : 'retry'),
} as const;

export interface Telling {
  told: Told[];
  /** Grants of the consumer's that its handler was called for: id and claim. */
  ran: string[];
  counts: Readonly<Record<string, number>>;
}

/** 200 calls of 160 jobs, some of one job at once, and a consumer beside them; every kind of end. What each caller was told. */
export async function runTwoHundred({ tracker }: TestApp, wait = 60): Promise<Telling> {
  const ran: string[] = [];
  await tracker.registerMany(Array.from({ length: 100 }, (_, n) => ({ kind: CONSUMED, id: String(n) })));
  const work = async (run: JobRun) => {
    ran.push(`${run.job.id} ${run.job.claims}`);
    return end(run, Number(run.job.id), wait);
  };
  const consumer = tracker.consume(CONSUMED, work, { ...POLICY, concurrency: 5, pollInterval: 50, backoff: '1h' });

  const calls = Array.from({ length: CALLS }, (_, n) => n);
  const told = await crowd(12, calls, (n) => call(tracker, n, wait));
  await consumer.drain();
  return { told, ran, counts: consumer.counts };
}

async function call(tracker: TestApp['tracker'], n: number, wait: number): Promise<Told> {
  const id = String(n % IDS);
  let claim: number | null = null;
  const work = (run: JobRun) => {
    claim = run.job.claims;
    return end(run, n, wait);
  };
  return tracker.settle({ kind: CALLED, id, data: { n } }, work, POLICY).then(
    (outcome) => toldOf(id, claim, outcome),
    (error) => toldByThrow(id, claim, error),
  );
}

async function end(run: JobRun, n: number, wait: number): Promise<unknown> {
  await sleep(chance() * wait);
  if (n % 3 === 0) await run.checkpoint({ n });
  await sleep(chance() * wait);
  if (n % 10 === 1) throw new Error(`failure ${n}`);
  if (n % 10 === 2) return run.snooze('1h');
  if (n % 10 === 3) return run.ignore(`reason ${n}`);
  if (n % 10 === 4 && run.job.claims === 1) throw new Error(`release ${n}`);
  return { n, claim: run.job.claims };
}

export function summaryOf({ told, ran }: Telling): string {
  const by = Object.groupBy(told, ({ status, error }) =>
    status === 'refused' || status === 'threw' ? `${error}` : status,
  );
  const parts = Object.entries(by).map(([word, calls]) => `${calls?.length} ${word}`);
  return `${told.length} callers told: ${parts.join(', ')}; ${ran.length} consumed`;
}

/** Row and history against what everybody was told. */
export async function expectTruth(sql: Sql, { told, ran, counts }: Telling): Promise<void> {
  expect(await brokenHistory(sql)).toEqual([]);
  expect(told).toHaveLength(CALLS);
  expect(await liesTold(sql, CALLED, told)).toEqual([]);
  expect(await sql(`select kind, id from job where status = 'in_progress'`)).toEqual([]);

  // The consumer called its handler once for every grant that ended, and counted them as they are recorded.
  const records = await grantRecords(sql, CONSUMED);
  const grants = records.map(({ id, claim }) => `${id} ${claim}`);
  expect(ran.filter((grant, at) => ran.indexOf(grant) !== at || !grants.includes(grant))).toEqual([]);
  const ended = records.filter(({ outcome }) => outcome !== 'crashed').map(({ id, claim }) => `${id} ${claim}`);
  expect(ended.filter((grant) => !ran.includes(grant))).toEqual([]);
  for (const outcome of ['succeeded', 'failed', 'ignored', 'snoozed', 'interrupted', 'released'])
    expect(`${records.filter((record) => record.outcome === outcome).length} ${outcome}`).toBe(
      `${counts[outcome]} ${outcome}`,
    );
}
