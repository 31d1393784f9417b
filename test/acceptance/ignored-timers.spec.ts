// A handler that nobody waits for, whose job has been given up: somebody must hear of it, and nobody a hundred times.
import { Injectable, type LoggerService } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { Interval } from '@nestjs/schedule';
import { Tracked } from 'nestjs-job-tracking';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const policy = { onDuplicate: 'rerun', maxAttempts: 3, backoff: 0 } as const;

@Injectable()
class Handlers {
  fails = true;

  @Interval(1_000)
  @Tracked(() => 'one', { kind: 'timer', ...policy })
  async tick() {
    if (this.fails) throw new Error('as planned');
  }

  @OnEvent('asked')
  @Tracked('id', { kind: 'event', ...policy })
  async asked(_event: { id: string }) {
    throw new Error('as planned');
  }

  @Tracked('id', { kind: 'call', ...policy })
  async called(_id: string) {
    throw new Error('as planned');
  }
}

const warnings: string[] = [];
const logger: LoggerService = { log() {}, error() {}, debug() {}, warn: (line: string) => void warnings.push(line) };
let database: TestDatabase;
let app: TestApp;
const start = () => startApp({ url: database.url, providers: [Handlers], prepare: (nest) => nest.useLogger(logger) });
beforeAll(async () => {
  database = await createTestDatabase();
  app = await start();
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
});
beforeEach(() => {
  warnings.length = 0;
});

const handlers = () => app.nest.get(Handlers);
const skipped = () => warnings.filter((line) => line.includes('run nothing before it is retried'));
/** Whatever the call is answered. */
async function times(count: number, call: () => Promise<unknown>): Promise<void> {
  for (let left = count; left > 0; left--) await call().catch(() => {});
}

test('a timer says once that its job is ignored, and once more when it was retried in vain', async () => {
  await times(10, () => handlers().tick());
  expect(await app.tracker.get({ kind: 'timer', id: 'one' })).toMatchObject({ status: 'ignored', claims: 3 });
  const line = 'timer/one is ignored, so this call and those to come run nothing before it is retried: failed 3 times';
  expect(skipped()).toEqual([line]);

  await app.tracker.retry({ kind: 'timer', id: 'one' });
  await times(10, () => handlers().tick());
  expect(skipped()).toEqual([line, line]);

  await app.tracker.retry({ kind: 'timer', id: 'one' });
  handlers().fails = false;
  await times(10, () => handlers().tick());
  expect(skipped()).toEqual([line, line]);
});

test('so does a listener, for each job in turn; a caller is told by the refusal itself', async () => {
  await times(10, () => handlers().asked({ id: '1' }));
  await times(10, () => handlers().asked({ id: '2' }));
  expect(skipped().map((line) => line.split(' ')[0])).toEqual(['event/1', 'event/2']);
  await times(10, () => handlers().called('3'));
  expect(skipped()).toHaveLength(2);
});

test('two apps of one process each say it', async () => {
  await using other = await start();
  await app.tracker.register({ kind: 'event', id: '4' });
  await app.tracker.ignore({ kind: 'event', id: '4' }, 'by hand');
  for (const { nest } of [app, other, app, other]) await nest.get(Handlers).asked({ id: '4' });
  expect(skipped()).toHaveLength(2);
});
