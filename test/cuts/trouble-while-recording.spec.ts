import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { brokenHistory } from '../support/history.js';

let database: TestDatabase;
let app: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startApp({ url: database.url });
  await database.sql('create sequence refusals');
});
afterEach(async () => {
  await database.sql('drop function if exists refuse() cascade');
  expect(await brokenHistory(database.sql)).toEqual([]);
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
});

/** The database refuses the next outcomes with an error that is not of the network's making. */
async function refuseOutcomes({ times }: { times: number }): Promise<void> {
  await database.sql('alter sequence refusals restart');
  await database.sql(`
    create function refuse() returns trigger language plpgsql as $$
    begin
      if old.expires_at is not null and new.expires_at is null and nextval('refusals') <= ${times} then
        raise exception 'the disk is on fire' using errcode = 'XX000';
      end if;
      return new;
    end $$`);
  await database.sql('create trigger refuse before update on job for each row execute function refuse()');
}

describe('an outcome that the database refuses to keep for a while', () => {
  it.each([1, 2, 3])(
    'is recorded when the trouble is over, a success with its output (refused %i times)',
    async (times) => {
      const job = { kind: 'success', id: String(times) };
      await refuseOutcomes({ times });
      const handler = vi.fn(() => ({ total: 7 }));
      expect(await app.tracker.settle(job, handler)).toMatchObject({ status: 'succeeded', output: { total: 7 } });
      expect(handler).toHaveBeenCalledTimes(1);
      expect(await app.tracker.get(job)).toMatchObject({
        status: 'succeeded',
        output: { total: 7 },
        reason: null,
        failures: 0,
        claims: 1,
      });
    },
  );

  it('is recorded when the trouble is over, a failure with its error', async () => {
    const job = { kind: 'failure', id: '1' };
    await refuseOutcomes({ times: 2 });
    const error = new Error('the true reason');
    expect(await app.tracker.settle(job, () => Promise.reject(error))).toMatchObject({ status: 'failed', error });
    expect(await app.tracker.get(job)).toMatchObject({
      status: 'failed',
      failures: 1,
      error: { message: 'the true reason' },
    });
  });

  it('keeps its lease meanwhile', async () => {
    const job = { kind: 'kept', id: '1' };
    await refuseOutcomes({ times: 4 }); // 100 + 200 + 400 ms and more
    const recording = app.tracker.settle(job, () => 'done', { lease: 500 });
    const sequence = async () => (await database.sql<{ n: number }>('select last_value::int as n from refusals'))[0]?.n;
    await expect.poll(sequence).toBeGreaterThanOrEqual(4);
    await expect(app.tracker.track(job, () => 'stolen', { lease: 500 })).rejects.toMatchObject({
      final: expect.any(Boolean),
    });
    expect(await recording).toMatchObject({ status: 'succeeded', output: 'done' });
    expect(await app.tracker.get(job)).toMatchObject({ output: 'done', claims: 1 });
  });
});

it('an output that the database will never keep does not fail the job that ran', async () => {
  const job = { kind: 'poison', id: '1' };
  await database.sql(`alter table job add constraint no_red check (output->>'colour' is distinct from 'red')`);
  expect(await app.tracker.settle(job, () => ({ colour: 'red' }))).toMatchObject({
    status: 'succeeded',
    output: { colour: 'red' },
  });
  expect(await app.tracker.get(job)).toMatchObject({
    status: 'succeeded',
    output: null,
    reason: 'output not kept: the database refused it',
    claims: 1,
  });
});
