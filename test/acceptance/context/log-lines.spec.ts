// Log lines of a run that name its job: Nest's own logger, opted into.
import { Injectable, Logger } from '@nestjs/common';
import { JobConsoleLogger, jobLogContext, Tracked } from 'nestjs-job-tracking';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startApp } from '../../support/app.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());
afterEach(() => {
  vi.restoreAllMocks();
});

@Injectable()
class Charging {
  readonly #logger = new Logger('Charging');

  @Tracked('id', 'charge')
  async charge(id: string) {
    this.#logger.log('sent to the bank');
    return jobLogContext() ?? id;
  }

  plain() {
    this.#logger.log('not in a run');
  }
}

async function linesOf(logger: JobConsoleLogger, id: string): Promise<string[]> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await using app = await startApp({
    url: database.url,
    providers: [Charging],
    prepare: (nest) => nest.useLogger(logger),
  });
  const charging = app.nest.get(Charging);
  expect(await charging.charge(id)).toEqual({ kind: 'charge', id, attempt: 1 });
  charging.plain();
  const lines = write.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('Charging'));
  write.mockRestore();
  return lines;
}

test('name kind, id and attempt as text', async () => {
  const [inside, outside] = await linesOf(new JobConsoleLogger({ colors: false }), '7');
  expect(inside).toMatch(/\[Charging\] \("charge\/7", attempt 1\) sent to the bank/);
  expect(outside).toMatch(/\[Charging\] not in a run/);
});

test('an id cannot break a line in two', async () => {
  const [inside = ''] = await linesOf(new JobConsoleLogger({ colors: false }), 'a\nERROR forged');
  expect(inside.trimEnd().split('\n')).toHaveLength(1);
});

test('carry the job as a field of their own as JSON', async () => {
  const [inside = '', outside = ''] = await linesOf(new JobConsoleLogger({ json: true, colors: false }), '8');
  expect(JSON.parse(inside)).toMatchObject({
    message: 'sent to the bank',
    context: 'Charging',
    job: { kind: 'charge', id: '8', attempt: 1 },
  });
  expect(JSON.parse(outside)).not.toHaveProperty('job');
});

test('outside of a run there is no job to name', () => {
  expect(jobLogContext()).toBeUndefined();
});
