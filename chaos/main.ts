// npm run chaos -- --seconds N --seed S [--workers W] [--plan] [--write]: see docs/reliability.md. Ends with 1 when a promise was broken.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { digestOf, scheduleOf } from './faults/schedule.js';
import { lineOf } from './figures.js';
import { type CommandLine, commandOf, readOptions } from './options.js';
import { writeFigures } from './reliability-page.js';
import { type ChaosReport, runChaos } from './run-chaos.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const TOLD = 20;

await main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
// Not left to Node: it was seen to spin for good over the handle of a connection that had been reset.
process.exit();

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const { seconds, workers, seed } = options;
  const schedule = scheduleOf(options);
  console.log(
    `${seconds} s of faults on ${workers} workers, seed ${seed}, schedule ${digestOf(schedule)}; PostgreSQL with fsync on`,
  );
  if (options.plan) return console.table(schedule);
  const folder = path.join(ROOT, '.data', `chaos-${seed}-${process.pid}`);
  const report = await runChaos({ ...options, schedule, folder });
  await tell(report, options, folder);
}

async function tell({ figures, breaches }: ChaosReport, options: CommandLine, folder: string): Promise<void> {
  for (const { law, harm, what } of breaches.slice(0, TOLD)) console.log(`BROKEN (${harm}): ${law}: ${what}`);
  if (breaches.length > TOLD) console.log(`and ${breaches.length - TOLD} more`);
  if (breaches.length === 0) await rm(folder, { recursive: true, force: true });
  else console.log(`Kept: ${path.relative(ROOT, folder)}, what each process noted, and the server's data`);
  if (options.write) writeFigures(path.join(ROOT, 'docs/reliability.md'), figures);
  console.log(`Again: ${commandOf(options)}`);
  console.log(lineOf(figures));
  process.exitCode = breaches.length === 0 ? 0 : 1;
}
