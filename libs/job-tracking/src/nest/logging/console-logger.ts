import { ConsoleLogger } from '@nestjs/common';
import { anyCurrentRun, printable, shown } from '../../protocol/index.js';

/** What log lines of a run carry. */
export interface JobLogContext {
  kind: string;
  id: string;
  attempt: number;
}

/** Of the run that this code is in, whichever app's; undefined outside of runs. For loggers other than Nest's: pino's `mixin`, for example. */
export function jobLogContext(): JobLogContext | undefined {
  const run = anyCurrentRun();
  return run && { kind: run.grant.kind, id: run.grant.id, attempt: run.grant.job.attempts };
}

/**
 * Nest's own logger, whose lines inside a run name the job: `NestFactory.create(App, { logger: new JobConsoleLogger() })`. Takes ConsoleLogger's options;
 * with `json: true` the job is a field of each line.
 */
export class JobConsoleLogger extends ConsoleLogger {
  protected override formatContext(name: string): string {
    const job = jobLogContext();
    const context = super.formatContext(name);
    return job ? `${context}(${shown(`${job.kind}/${job.id}`)}, attempt ${job.attempt}) ` : context;
  }

  protected override getJsonLogObject(
    ...[message, options]: Parameters<ConsoleLogger['getJsonLogObject']>
  ): ReturnType<ConsoleLogger['getJsonLogObject']> {
    const job = jobLogContext();
    const line = super.getJsonLogObject(message, options);
    return job ? Object.assign(line, { job }) : line;
  }

  /** JSON escapes less than a terminal obeys. */
  protected override stringifyJsonLogObject(line: Record<string, unknown>): string {
    return printable(super.stringifyJsonLogObject(line));
  }
}
