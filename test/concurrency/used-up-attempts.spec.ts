import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { brokenHistory } from '../support/history.js';
import type { Told } from '../support/told.js';
import { startWorker } from '../support/worker.js';

const KIND = 'bounded';
type Step = 'throw' | 'crash' | 'succeed';

/** Bounds, what happens in each attempt, and what has used the job up after the last one: null, it still has an attempt. */
const LIVES: [bounds: { maxAttempts: number; maxCrashes?: number }, steps: Step[], end: string | null][] = [
  [{ maxAttempts: 1 }, ['throw'], 'failed once'],
  [{ maxAttempts: 1 }, ['crash'], '1 attempts used up: 0 failed, 1 crashed'],
  [{ maxAttempts: 2 }, ['crash'], null],
  [{ maxAttempts: 2 }, ['throw', 'throw'], 'failed 2 times'],
  [{ maxAttempts: 2 }, ['throw', 'crash'], '2 attempts used up: 1 failed, 1 crashed'],
  [{ maxAttempts: 2 }, ['crash', 'throw'], '2 attempts used up: 1 failed, 1 crashed'],
  [{ maxAttempts: 2 }, ['crash', 'crash'], '2 attempts used up: 0 failed, 2 crashed'],
  [{ maxAttempts: 3 }, ['throw', 'crash'], null],
  [{ maxAttempts: 3 }, ['throw', 'throw', 'throw'], 'failed 3 times'],
  [{ maxAttempts: 3 }, ['throw', 'throw', 'crash'], '3 attempts used up: 2 failed, 1 crashed'],
  [{ maxAttempts: 3 }, ['crash', 'throw', 'throw'], '3 attempts used up: 2 failed, 1 crashed'],
  [{ maxAttempts: 3 }, ['crash', 'throw', 'crash'], '3 attempts used up: 1 failed, 2 crashed'],
  [{ maxAttempts: 3 }, ['crash', 'crash', 'throw'], '3 attempts used up: 1 failed, 2 crashed'],
  [{ maxAttempts: 3 }, ['crash', 'crash', 'crash'], 'its worker died 3 times'],
  [{ maxAttempts: 9, maxCrashes: 1 }, ['crash'], 'its worker died once'],
  [{ maxAttempts: 9, maxCrashes: 2 }, ['crash', 'throw'], null],
  [{ maxAttempts: 9, maxCrashes: 2 }, ['crash', 'throw', 'crash'], 'its worker died 2 times'],
  [{ maxAttempts: 9, maxCrashes: 2 }, ['throw', 'throw', 'throw'], null],
  [{ maxAttempts: 2, maxCrashes: 2 }, ['throw', 'succeed', 'throw'], null],
  [{ maxAttempts: 2, maxCrashes: 2 }, ['crash', 'succeed', 'crash'], null],
];

const lives = LIVES.map(([bounds, steps, end], index) => {
  const words = Object.entries(bounds).map(([bound, limit]) => `${bound} ${limit}`);
  return {
    job: { kind: KIND, id: String(index) },
    bounds,
    steps,
    end,
    title: `${words.join(', ')}: ${steps.join(', ')}`,
  };
});

let database: TestDatabase;
let app: TestApp;
const told = new Map<string, Told['status'][]>();

const policyOf = (bounds: object) => ({ lease: 500, onDuplicate: 'rerun', ...bounds }) as const;

/** Every job takes its step of the round; those that crash hold a job of one worker, which is killed. */
async function round(number: number): Promise<void> {
  const acting = lives.filter(({ steps }) => steps.length > number);
  const crashing = acting.filter(({ steps }) => steps[number] === 'crash');
  await using worker = await startWorker({ url: database.url, tracking: { worker: 'victim' } });
  await Promise.all(
    acting.map(async ({ job, bounds, steps }) => {
      if (steps[number] === 'crash') {
        void worker.settle(job, 'held', policyOf(bounds));
        await worker.seen('running', job.id);
        told.get(job.id)?.push('lost');
        return;
      }
      const work = () => (steps[number] === 'throw' ? Promise.reject(new Error('as planned')) : 'done');
      told.get(job.id)?.push((await app.tracker.settle(job, work, policyOf(bounds))).status);
    }),
  );
  await worker.kill();
  if (crashing.length === 0) return;
  const open = () => database.sql('select id from job where expires_at > now()');
  await eventually(async () => expect(await open()).toEqual([]));
}

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startApp({ url: database.url, tracking: { worker: 'living' } });
  for (const { job } of lives) told.set(job.id, []);
  for (const number of [0, 1, 2]) await round(number);
}, 60_000);
afterAll(async () => {
  await app?.close();
  await database?.drop();
});

it.each(lives)('$title', async ({ job, bounds, steps, end }) => {
  const handler = vi.fn(() => 'done');
  const next = await app.tracker.settle(job, handler, policyOf(bounds));
  const ended = steps.map((step) => ({ throw: 'failed', crash: 'crashed', succeed: 'succeeded' })[step]);
  if (end === null) {
    expect(next).toMatchObject({ status: 'succeeded' });
    expect((await app.tracker.attempts(job)).map(({ outcome }) => outcome)).toEqual([...ended, 'succeeded']);
    return;
  }
  expect(next).toMatchObject({ status: 'refused', error: { code: 'JOB_IGNORED', reason: end }, redeliver: false });
  expect(handler).not.toHaveBeenCalled();
  expect(await app.tracker.get(job)).toMatchObject({
    status: 'ignored',
    reason: end,
    claims: steps.length,
    attempts: steps.length,
    failures: steps.filter((step) => step === 'throw').length,
    crashes: steps.filter((step) => step === 'crash').length,
    lease: null,
  });
  expect((await app.tracker.attempts(job)).map(({ outcome }) => outcome)).toEqual(ended);
  // The caller whose own failure was one too many has been told so.
  if (steps.at(-1) === 'throw') expect(told.get(job.id)?.at(-1)).toBe('ignored');
});

it('leaves whole history', async () => expect(await brokenHistory(database.sql)).toEqual([]));
