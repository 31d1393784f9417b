import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { startBuiltProgram } from '../support/built-program.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { brokenHistory, grantRecords } from '../support/history.js';
import { chanceOf } from '../support/seed.js';
import { STORM_KIND, STORM_LEASE, STORM_POLL, STORM_TABLES } from '../support/storm.js';
import { liesTold, type Told } from '../support/told.js';

/** `CHAOS_SECONDS=120` for a long storm. */
const SECONDS = Number(process.env.CHAOS_SECONDS ?? 8);
const PROCESSES = 8;
const JOBS = 100;
const BETWEEN_KILLS = 400;
const chance = chanceOf('killed workers');
/** A machine that starts processes all the time is late with everything. */
const SLACK = 2_000;

let database: TestDatabase;
let app: TestApp;
let workers: ChildProcess[] = [];
let started = 0;
let kills = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startApp({ url: database.url, tracking: { worker: 'operator' } });
  await database.sql(STORM_TABLES);
  workers = await Promise.all(Array.from({ length: PROCESSES }, startStormWorker));
}, 60_000);
afterAll(async () => {
  await Promise.all(workers.map(kill));
  await app?.close();
  await database?.drop();
});

async function startStormWorker(): Promise<ChildProcess> {
  const options = { url: database.url, worker: `worker-${++started}`, jobs: JOBS };
  const child = await startBuiltProgram('storm-worker', [JSON.stringify(options)]);
  await once(child, 'message');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function killing(until: number): Promise<void> {
  const starting: Promise<unknown>[] = [];
  while (performance.now() < until) {
    await sleep(BETWEEN_KILLS);
    const [victim] = workers.splice(Math.floor(chance() * workers.length), 1);
    if (!victim) continue;
    await kill(victim);
    kills++;
    // The others go on while its successor starts.
    starting.push(startStormWorker().then((worker) => workers.push(worker)));
  }
  await Promise.all(starting);
}

/** Operators meddle all the while; that they are refused is right, too. */
async function operating(until: number): Promise<void> {
  while (performance.now() < until) {
    const job = { kind: STORM_KIND, id: String(Math.floor(chance() * JOBS)) };
    const verbs = [
      () => app.tracker.release(job),
      () => app.tracker.retry(job, { rerun: true }),
      () => app.tracker.retryMany({ kind: STORM_KIND, status: 'ignored' }),
      () => app.tracker.ignore(job, 'an operator'),
    ];
    await verbs[Math.floor(chance() * verbs.length)]?.().catch((error) => {
      if (!('job' in error)) throw error;
    });
    await sleep(20);
  }
}

describe(`${PROCESSES} processes on the same ${JOBS} jobs with leases of ${STORM_LEASE} ms, some killed (kill -9) all the time`, () => {
  it(
    'leave nothing stuck for longer than a lease',
    async () => {
      const until = performance.now() + SECONDS * 1_000;
      await Promise.all([killing(until), operating(until)]);
      await Promise.all(workers.map(kill));

      const ended = performance.now();
      const open = async () => (await database.sql(`select id from job where status = 'in_progress'`)).length;
      const left = await open();
      const policy = { lease: STORM_LEASE, maxAttempts: 1_000_000, maxCrashes: 1_000_000, pollInterval: STORM_POLL };
      await using consumer = app.tracker.consume(STORM_KIND, () => 'saved', policy);
      await expect.poll(open).toBe(0);
      const freed = Math.round(performance.now() - ended);
      await consumer.stop();
      console.info(`${SECONDS} s, ${kills} kills, ${left} jobs left open by the last ones, free after ${freed} ms`);
      expect(freed).toBeLessThan(STORM_LEASE + STORM_POLL + SLACK);
    },
    SECONDS * 1_000 + 60_000,
  );

  it('leave history whole, and no two attempts of a job open at once', async () => {
    expect(await brokenHistory(database.sql, { retried: true })).toEqual([]);
  });

  it('leave exactly one record of every grant that a handler was called for', async () => {
    const granted = await database.sql<{ id: string; claim: number; worker: string }>('select * from granted');
    const records = new Map(
      (await grantRecords(database.sql, STORM_KIND)).map(({ id, claim, worker }) => [`${id} ${claim}`, worker]),
    );
    const seen = new Set<string>();
    const wrong = granted.filter(({ id, claim, worker }) => {
      const grant = `${id} ${claim}`;
      const twice = seen.has(grant);
      seen.add(grant);
      return twice || records.get(grant) !== worker;
    });
    console.info(`${granted.length} grants logged by handlers, ${records.size} recorded, ${wrong.length} wrong`);
    expect(wrong).toEqual([]);
    expect(granted.length).toBeGreaterThan(20);
  });

  it('leave no outcome changed that a caller was told', async () => {
    const told = (await database.sql<{ call: Told }>('select call from told')).map(({ call }) => call);
    const by = Object.groupBy(told, ({ status }) => status);
    console.info(
      `told: ${Object.entries(by)
        .map(([status, calls]) => `${calls?.length} ${status}`)
        .join(', ')}`,
    );
    expect(await liesTold(database.sql, STORM_KIND, told)).toEqual([]);
    expect(by.threw ?? []).toEqual([]);
  });
});
