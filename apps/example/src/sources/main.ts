import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { columns } from '../console/columns.js';
import { startDatabase } from '../running/database.js';
import { readSettings } from '../running/settings.js';
import { stopSignal } from '../running/stop-signal.js';
import { brokerUrl, checkAnswers } from './brokers.js';
import type { Example } from './example.js';
import { EXAMPLES } from './examples.js';
import { type Became, perform } from './perform.js';

const PATIENCE = 60_000;
/** Not the main example's, which may be running. */
const FOLDER = '.data/postgres-sources';

const stop = AbortSignal.any([stopSignal(), AbortSignal.timeout(PATIENCE)]);

await main(process.argv[2] ?? '').catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

async function main(name: string): Promise<void> {
  const example = Object.hasOwn(EXAMPLES, name) ? EXAMPLES[name] : undefined;
  if (!example) throw new Error(`Which source? One of: ${Object.keys(EXAMPLES).join(', ')}.`);
  if (example.needs) await checkAnswers(example.needs, process.env);
  const database = await startDatabase(readSettings(process.env).databaseUrl, path.resolve(FOLDER));
  try {
    console.log(`PostgreSQL: ${database.place}\n\n${name}`);
    console.log(`\n${report(await performed(example, database.url))}`);
  } finally {
    await database.stop();
  }
}

function performed(example: Example, clientUrl: string): Promise<Became[]> {
  const broker = example.needs ? brokerUrl(example.needs, process.env) : '';
  const mark = randomBytes(3).toString('hex');
  return perform(example, { clientUrl, brokerUrl: broker, mark, stop, print: (line) => console.log(line) });
}

function report(jobs: readonly Became[]): string {
  const rows = jobs.map(({ job, outcomes }) => [job.kind, job.id, job.status, job.claims, outcomes.join(', ')]);
  return columns([['kind', 'id', 'status', 'claims', 'attempts'], ...rows]);
}
