import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { column, tableOf } from './markdown.js';

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

const job = { kind: 'charge', id: '7' };

/** What others see of the job: a worker that dies now leaves this. */
async function held(): Promise<Record<string, unknown> | undefined> {
  const [row] = await database.sql(
    `select status, outcome, claims::int, attempts, failures, crashes, expires_at is not null as leased, checkpoint, data, output,
       (select count(*)::int from job_past_attempt) as past from job where kind = 'charge' and id = '7'`,
  );
  return row;
}

test('at each line of a run the database holds what the table says', async () => {
  const lines = column(tableOf('docs/protocol.md', 'The run, and a worker that dies'), 'killed');
  const seen: string[] = [];
  const at = async (line: string, expected: object | undefined) => {
    seen.push(lines.find((one) => one.startsWith(line)) ?? `no line «${line}»`);
    const row = await held();
    if (expected === undefined) expect(row, line).toBeUndefined();
    else expect(row, line).toMatchObject(expected);
  };
  const running = { status: 'in_progress', outcome: null, leased: true, claims: 1, attempts: 1, past: 0 };

  await at('before the claim is sent', undefined);
  const output = await app.tracker.track({ ...job, data: { amount: 1 } }, async (run) => {
    await at('after the grant', running);
    await at('in the handler', { ...running, checkpoint: null });
    await run.checkpoint('half');
    await at('after `run.checkpoint(state)`', { ...running, checkpoint: 'half' });
    run.set({ data: { amount: 2 } });
    run.progress(0.5);
    await at('after `run.set(…)`', { ...running, data: { amount: 1 } });
    await at('after an effect of yours', running);
    return 'charged';
  });
  expect(output).toBe('charged');
  const ended = { status: 'succeeded', outcome: 'succeeded', leased: false, data: { amount: 2 }, output: 'charged' };
  await at('after the outcome', { ...ended, checkpoint: null });

  await app.tracker
    .track(
      job,
      async () => {
        await database.sql("update job set expires_at = now() - interval '1 s'");
        await app.tracker.track(job, () =>
          at('in a takeover', { ...running, claims: 3, attempts: 3, crashes: 1, past: 2 }),
        );
      },
      { onDuplicate: 'rerun' },
    )
    .catch(() => {});
  expect(await app.tracker.attempts(job)).toMatchObject([
    { outcome: 'succeeded' },
    { outcome: 'crashed' },
    { outcome: 'succeeded' },
  ]);

  // A statement that is on its way is one statement: either of its neighbours' lines holds.
  expect(lines.filter((line) => !seen.includes(line))).toEqual(lines.filter((line) => line.endsWith('is on its way')));
});
