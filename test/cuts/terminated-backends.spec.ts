import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { expectTruth, runTwoHundred, summaryOf } from './two-hundred-runs.js';

let database: TestDatabase;
let app: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startApp({ url: database.url });
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
});

it('while backends are terminated all the time, every caller learns its own true outcome', async () => {
  let over = false;
  let terminated = 0;
  const terminating = (async () => {
    for (let before = await written(); !over; await sleep(40)) {
      // Where a connection takes longer to open than this waits, one that is cut at every turn writes nothing, for ever.
      const now = await written();
      if (now < before + 5) continue;
      before = now;
      terminated += await terminateAll();
    }
  })();
  const telling = await runTwoHundred(app);
  over = true;
  await terminating;
  console.info(`${terminated} backends terminated: ${summaryOf(telling)}`);
  expect(terminated).toBeGreaterThan(20);
  await expectTruth(database.sql, telling);
}, 60_000);

/** Claims granted and attempts ended. */
async function written(): Promise<number> {
  const [row] = await database.sql<{ n: number }>(
    `select (coalesce(sum(claims), 0) + (select count(*) from job_attempt))::int as n from job`,
  );
  return row?.n ?? 0;
}

async function terminateAll(): Promise<number> {
  const gone = await database.sql(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'job-tracking'`,
  );
  return gone.length;
}
