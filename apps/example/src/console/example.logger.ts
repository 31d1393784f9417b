import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import type { ProgressLine } from './progress-line.js';

/**
 * While the audit runs, errors only: that packages fail is what the audit is for, and its report names each. Nest's own words
 * about its start would only stand in the way.
 */
export class ExampleLogger extends ConsoleLogger {
  constructor(private readonly progress: ProgressLine) {
    super({ logLevels: ['error', 'fatal'], colors: progress.isTerminal });
  }

  /** From now on failing jobs are news. */
  speakUp(): void {
    this.setLogLevels(['warn', 'error', 'fatal']);
  }

  protected override printMessages(
    messages: unknown[],
    ...how: [string?, LogLevel?, ('stdout' | 'stderr')?, unknown?, Record<string, unknown>?]
  ): void {
    this.progress.clear();
    super.printMessages(messages, ...how);
  }
}
