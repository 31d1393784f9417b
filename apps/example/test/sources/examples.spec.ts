// Every example of apps/example/src/sources, started and sent its inputs as its program does it.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../../../../test/support/brokers/answering.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { brokerUrl } from '../../src/sources/brokers.js';
import { EXAMPLES } from '../../src/sources/examples.js';
import { type Became, perform } from '../../src/sources/perform.js';

const PATIENCE = 30_000;

const MESSAGES = ['charge: succeeded', 'ship: succeeded'];
/** Each job's kind, and how its attempts ended. An input that came twice has added none, but where an example says otherwise. */
const BECAME: Record<string, string[]> = {
  messages: MESSAGES,
  'messages-rabbitmq': MESSAGES,
  'messages-nats': MESSAGES,
  'messages-redis': MESSAGES,
  'messages-mqtt': MESSAGES,
  events: ['forget: succeeded'],
  crons: ['nightly-bills: succeeded', 'sweep: succeeded'],
  timers: ['rates: succeeded', 'warm-up: succeeded'],
  queues: ['mail: succeeded'],
  graphql: ['place: succeeded', 'invoice: succeeded', 'report: succeeded'],
  sockets: ['place: succeeded'],
  commands: ['import: succeeded'],
  streams: ['export-events: succeeded', 'export-rows: succeeded, succeeded', 'export-pages: succeeded'],
  acknowledgement: ['payment: failed, succeeded'],
};

const became = ({ job, outcomes }: Became) => `${job.kind}: ${outcomes.join(', ')}`;

describe('the example of each source', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database?.drop());

  it('is named in the list of this file', () => {
    expect(Object.keys(BECAME).sort()).toEqual(Object.keys(EXAMPLES).sort());
  });

  for (const [name, example] of Object.entries(EXAMPLES)) {
    const why = missing(example.needs);
    it.skipIf(why)(
      `${name}: each job ends as its example says, though its input comes twice${why ? ` (${why})` : ''}`,
      async () => {
        const lines: string[] = [];
        const jobs = await perform(example, {
          clientUrl: database.url,
          brokerUrl: example.needs ? brokerUrl(example.needs, process.env) : '',
          mark: randomBytes(3).toString('hex'),
          stop: AbortSignal.timeout(PATIENCE),
          print: (line) => lines.push(line),
        });
        expect(jobs.map(became)).toEqual(BECAME[name]);
        expect(jobs.map(({ job }) => job.status)).toEqual(jobs.map(() => 'succeeded'));
        expect(jobs.map(({ job }) => job.claims)).toEqual(jobs.map(({ outcomes }) => outcomes.length));
        // Nest and its packages had nothing to complain of.
        expect(lines.filter((line) => /^ {4}(?!\S+\/)/.test(line))).toEqual([]);
      },
    );
  }
});
