import type { JobEvent, JobEvents } from 'nestjs-job-tracking';
import type { ProgressLine } from './progress-line.js';

/** Prints what nobody in this process did: takeovers from a process that died, and what operators changed. */
export class EventLines implements JobEvents {
  constructor(
    private readonly progress: ProgressLine,
    private readonly print: (line: string) => void = console.log,
  ) {}

  announce(event: JobEvent): void {
    const line = lineOf(event);
    if (line === undefined) return;
    this.progress.clear();
    this.print(line);
  }
}

function lineOf(event: JobEvent): string | undefined {
  switch (event.type) {
    case 'taken_over':
      return `${event.kind}/${event.id}: taken over from a process that died`;
    case 'retried':
      return `${event.kind}/${event.id}: retried by an operator`;
    case 'many_changed':
      return `${event.kind || 'any kind'}: ${event.count} jobs changed by ${event.verb}Many`;
    default:
      return undefined;
  }
}
