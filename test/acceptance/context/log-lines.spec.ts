// Log lines of a run that name its job: Nest's own logger, opted into.
import { type INestApplication, Injectable, Logger } from '@nestjs/common';
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

  @Tracked('id', { kind: 'refund', maxAttempts: 1 })
  async refund(id: string) {
    throw new Error(`no account ${id}`);
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

/** A line of its own, a command to the terminal (two ways), text that runs backwards. */
const HOSTILE = 'a\nERROR forged\x1b[2J\x9b2J\u202e\u2028';
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not stand there.
const UNSEEN = /[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

test.each([false, true])('an id that holds escape sequences reaches no terminal with them (json: %s)', async (json) => {
  const id = `${HOSTILE}${json}`;
  const lines = await linesOf(new JobConsoleLogger({ json, colors: false }), id);
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line.slice(0, -1)).not.toMatch(UNSEEN);
  if (json) expect(JSON.parse(lines[0] ?? '').job.id).toBe(id);
});

test('what became of a job is told in one line each, whatever its id and its error hold', async () => {
  const written: string[] = [];
  const keep = (text: unknown) => written.push(String(text)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  {
    const prepare = (nest: INestApplication) => nest.useLogger(new JobConsoleLogger({ colors: false }));
    await using app = await startApp({ url: database.url, providers: [Charging], prepare });
    await expect(app.nest.get(Charging).refund(HOSTILE)).rejects.toThrow('no account');
  }
  vi.restoreAllMocks();
  const lines = written.filter((line) => line.includes('[JobTracking]'));
  expect(lines.map((line) => line.replace(/.*\(attempt 1, claim 1\) (\w+).*/s, '$1'))).toEqual([
    'claimed',
    'failed',
    'is',
  ]);
  for (const line of lines) expect(line.slice(0, -1)).not.toMatch(UNSEEN);
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
