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
    while (!over) {
      const gone = await database.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'job-tracking'`,
      );
      terminated += gone.length;
      await sleep(40);
    }
  })();
  const telling = await runTwoHundred(app);
  over = true;
  await terminating;
  console.info(`${terminated} backends terminated: ${summaryOf(telling)}`);
  expect(terminated).toBeGreaterThan(20);
  await expectTruth(database.sql, telling);
}, 60_000);
