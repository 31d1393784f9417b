import 'reflect-metadata';
import path from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { JobTrackerService } from 'nestjs-job-tracking';
import { auditReport } from './console/audit-report.js';
import { EventLines } from './console/event-lines.js';
import { ExampleLogger } from './console/example.logger.js';
import { outlook } from './console/outlook.js';
import { ProgressLine } from './console/progress-line.js';
import { thingsToTry } from './console/things-to-try.js';
import { ExampleModule } from './example.module.js';
import { registerAudit, watchAudit } from './jobs/audit-run.js';
import { InstalledPackages } from './packages/installed-packages.js';
import { startDatabase } from './running/database.js';
import { nextFreePort } from './running/free-port.js';
import { readSettings } from './running/settings.js';
import { fired, stopSignal } from './running/stop-signal.js';

/** Nobody is asked who he is here: this machine only. */
const HOST = '127.0.0.1';

const stop = stopSignal();
const progress = new ProgressLine(process.stdout);
const logger = new ExampleLogger(progress);
// A reader that goes away (a terminal that is closed, `| head`) must not end this process before it has stopped what it started.
process.stdout.on('error', () => {});

await main().catch((error: unknown) => {
  progress.clear();
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const { databaseUrl, port } = readSettings(process.env);
  const database = await startDatabase(databaseUrl, path.resolve('.data/postgres')).catch((error) => {
    // Ctrl-C reaches what starts the server too.
    if (!stop.aborted) throw error;
  });
  if (!database) return;
  try {
    console.log(`PostgreSQL: ${database.place}`);
    if (!stop.aborted) await auditAndServe(database.url, port);
  } finally {
    await database.stop();
  }
}

async function auditAndServe(clientUrl: string, port: number): Promise<void> {
  const module = ExampleModule.forRoot({
    clientUrl,
    nodeModules: path.resolve('node_modules'),
    events: [new EventLines(progress)],
  });
  const app = await NestFactory.create<NestExpressApplication>(module, {
    logger,
    abortOnError: false,
    // A browser keeps connections open that it never used: they would hold up the stop for a minute.
    forceCloseConnections: true,
  });
  try {
    await app.init(); // the consumers start
    await audit(app);
    if (!stop.aborted) await serve(app, port);
    await fired(stop);
    progress.clear();
    console.log('Stopping.');
  } finally {
    await app.close();
  }
}

async function audit(app: NestExpressApplication): Promise<void> {
  const tracker = app.get(JobTrackerService);
  const { ids } = app.get(InstalledPackages);
  const started = performance.now();
  console.log(outlook(await registerAudit(tracker, ids)));
  const every = progress.isTerminal ? 150 : 500;
  for await (const standing of watchAudit(tracker, ids, { every, stop })) {
    progress.show(standing);
    if (standing.open.length > 0) continue;
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    progress.clear();
    console.log(`\n${auditReport(standing)}\n\nAudited in ${seconds} s.`);
  }
}

async function serve(app: NestExpressApplication, wanted: number): Promise<void> {
  const port = await nextFreePort(wanted);
  logger.speakUp();
  await app.listen(port, HOST);
  console.log(`\n${thingsToTry(new URL(await app.getUrl()).port)}`);
}
