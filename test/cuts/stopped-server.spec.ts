import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { type DurableServer, startDurableServer } from '../support/durable-server.js';
import { expectTruth, runTwoHundred, summaryOf } from './two-hundred-runs.js';

/** A longer one outlasts leases, and the patience of claims: `CHAOS_AWAY=8000`. */
const AWAY = Number(process.env.CHAOS_AWAY ?? 500);

let server: DurableServer;
let app: TestApp;

beforeAll(async () => {
  server = await startDurableServer();
  app = await startApp({ url: server.url });
}, 60_000);
afterAll(async () => {
  await app?.close();
  await server?.[Symbol.asyncDispose]();
});

it('when the server crashes and comes back amid two hundred runs, every caller learns its own true outcome', async () => {
  const running = runTwoHundred(app, 150);
  const away: number[] = [];
  for (const runs of [30, 90]) {
    const ended = () => server.sql<{ n: number }>('select count(*)::int as n from job where finished_at is not null');
    await expect.poll(async () => (await ended())[0]?.n).toBeGreaterThan(runs);
    const crashed = performance.now();
    await server.crash();
    await sleep(AWAY);
    await server.start();
    away.push(Math.round(performance.now() - crashed));
  }
  const telling = await running;
  console.info(`server away for ${away.join(' and ')} ms: ${summaryOf(telling)}`);
  await expectTruth(server.sql, telling);
}, 120_000);
