import { JobTimeoutError } from 'nestjs-job-tracking';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { brokenHistory } from '../support/history.js';

const POLICY = { lease: 800, timeout: 100, backoff: 0 };

describe('a run that takes longer than its timeout', () => {
  let database: TestDatabase;
  let app: TestApp;
  let other: TestApp;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startApp({ url: database.url });
    other = await startApp({ url: database.url });
  });
  afterEach(async () => expect(await brokenHistory(database.sql)).toEqual([]));
  afterAll(async () => {
    await Promise.all([app?.close(), other?.close()]);
    await database?.drop();
  });

  it.each(['returns', 'throws'])(
    'is recorded as failed only when its handler has settled (%s), and till then nobody else runs it',
    async (how) => {
      const job = { kind: how, id: 'slow' };
      let open = 0;
      const overlaps: number[] = [];
      const aborted = Promise.withResolvers<void>();
      const settle = Promise.withResolvers<void>();
      const first = app.tracker.settle(
        job,
        async ({ signal }) => {
          overlaps.push(++open);
          signal.addEventListener('abort', () => aborted.resolve());
          await settle.promise;
          open--;
          if (how === 'throws') throw new Error('late');
          return 'late';
        },
        POLICY,
      );
      await aborted.promise;

      // A caller and a consumer that want it all the time, here and elsewhere, for longer than two leases.
      const work = () => {
        overlaps.push(++open);
        open--;
        return 'second';
      };
      const consumers = [app, other].map(({ tracker }) =>
        tracker.consume(job.kind, work, { ...POLICY, pollInterval: 20 }),
      );
      const age = async () => {
        expect(await other.tracker.settle(job, work, POLICY)).toMatchObject({
          status: 'refused',
          error: { code: 'JOB_LOCKED' },
        });
        return database.sql(`select now() - started_at > interval '1.8 s' as old from job where kind = $1`, [how]);
      };
      await expect.poll(age).toEqual([{ old: true }]);
      expect(await app.tracker.get(job)).toMatchObject({ status: 'in_progress', claims: 1, failures: 0 });

      settle.resolve();
      const outcome = await first;
      expect(outcome).toMatchObject({ status: 'failed', error: expect.any(JobTimeoutError) });
      await Promise.all(consumers.map((consumer) => consumer.drain()));
      expect(overlaps).toEqual([1, 1]);
      expect(await app.tracker.attempts(job)).toMatchObject([
        { claim: 1, outcome: 'failed', error: { name: 'JobTimeoutError' } },
        { claim: 2, outcome: 'succeeded' },
      ]);
    },
  );
});
