// A job registered while its caller has a transaction open is registered beside it: said once, as nothing else would tell.
import { EntityManager } from '@mikro-orm/postgresql';
import { Logger, type LoggerService } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const warnings: string[] = [];
const quiet = () => {};
const collecting = { log: quiet, error: quiet, debug: quiet, warn: (line: string) => void warnings.push(line) };

let database: TestDatabase;
let app: TestApp;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  await app?.close();
  app = await startApp({ url: database.url });
  // Behind the start, as a testing module brings a logger of its own.
  Logger.overrideLogger(collecting as LoggerService);
  warnings.length = 0;
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
  Logger.overrideLogger(['log', 'error', 'warn', 'debug', 'fatal', 'verbose']);
});

const rolledBack = async (work: () => Promise<unknown>) => {
  const em = app.nest.get(EntityManager).fork();
  await em
    .transactional(async () => {
      await work();
      throw new Error('rolled back');
    })
    .catch(quiet);
};
const outside = (job: string) => expect.stringMatching(new RegExp(`^${job} was registered outside .* transaction`));

test('a job that is registered in a transaction which is rolled back stays; the app is told so at the first one, and once', async () => {
  await rolledBack(() => app.tracker.register({ kind: 'outside', id: '1' }));
  expect(await app.tracker.get({ kind: 'outside', id: '1' })).toMatchObject({ status: 'pending' });
  expect(warnings).toEqual([outside('outside/1')]);
  await rolledBack(() => app.tracker.register({ kind: 'outside', id: '2' }));
  await rolledBack(() => app.tracker.registerMany([{ kind: 'outside', id: '3' }]));
  expect(warnings).toHaveLength(1);
});

test('many jobs likewise, by the first of them', async () => {
  await rolledBack(() => app.tracker.registerMany(['1', '2'].map((id) => ({ kind: 'many', id }))));
  expect(await app.tracker.count({ kind: 'many' })).toBe(2);
  expect(warnings).toEqual([outside('many/1')]);
});

test('in a run, too, and its transaction', async () => {
  await app.tracker.track({ kind: 'around', id: '1' }, () =>
    app.nest.get(EntityManager).transactional(() => app.tracker.register({ kind: 'within', id: '1' })),
  );
  expect(warnings).toEqual([outside('within/1')]);
});

test('nothing is said without a transaction, nor of a job that was known before', async () => {
  await app.tracker.register({ kind: 'known', id: '1' });
  await app.tracker.registerMany([{ kind: 'known', id: '2' }]);
  await app.tracker.track({ kind: 'around', id: '2' }, () => app.tracker.register({ kind: 'known', id: '3' }));
  await rolledBack(() => app.tracker.register({ kind: 'known', id: '1' }));
  await rolledBack(() => app.tracker.registerMany([{ kind: 'known', id: '2' }]));
  await rolledBack(() => app.tracker.get({ kind: 'known', id: '1' }));
  expect(warnings).toEqual([]);
});
