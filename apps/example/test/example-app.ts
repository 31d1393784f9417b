import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JobTrackerService } from 'nestjs-job-tracking';
import { ExampleModule, type ExampleOptions } from '../src/example.module.js';
import { registerAudit, watchAudit } from '../src/jobs/audit-run.js';
import type { AuditStanding } from '../src/jobs/audit-standing.js';
import { InstalledPackages } from '../src/packages/installed-packages.js';

export interface ExampleApp extends AsyncDisposable {
  nest: INestApplication;
  tracker: JobTrackerService;
  /** What earlier runs had left, and what it came to. */
  audit(): Promise<{ left: AuditStanding; done: AuditStanding }>;
}

/** The example's application, its consumers at work; it listens on no port yet. */
export async function startExample(options: ExampleOptions): Promise<ExampleApp> {
  const nest = await NestFactory.create(ExampleModule.forRoot(options), { logger: false, abortOnError: false });
  await nest.init();
  const tracker = nest.get(JobTrackerService);
  const { ids } = nest.get(InstalledPackages);
  const audit: ExampleApp['audit'] = async () => {
    const left = await registerAudit(tracker, ids);
    let done = left;
    const look = { every: 50, stop: AbortSignal.timeout(15_000) };
    for await (const standing of watchAudit(tracker, ids, look)) done = standing;
    return { left, done };
  };
  return { nest, tracker, audit, [Symbol.asyncDispose]: () => nest.close() };
}
