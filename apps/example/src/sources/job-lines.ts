import { EventEmitter, once } from 'node:events';
import type { LoggerService } from '@nestjs/common';

/** A logger that listens to what the tracker says of its jobs. */
export class JobLines implements LoggerService {
  readonly #lines: string[] = [];
  readonly #news = new EventEmitter();

  constructor(private readonly print: (line: string) => void) {}

  log(): void {}

  debug(message: unknown, context?: unknown): void {
    if (context !== 'JobTracking') return;
    const line = String(message);
    this.#lines.push(line);
    this.print(line);
    this.#news.emit('line');
  }

  warn(message: unknown, context?: unknown): void {
    this.debug(message, context);
  }

  error(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (context === 'JobTracking') this.debug(message, context);
    else this.print(`${context}: ${message}`);
  }

  /** Also one that was said before. Rejects when `stop` fires. */
  async heard(beginning: string, stop: AbortSignal): Promise<void> {
    while (!this.#lines.some((line) => line.startsWith(beginning)))
      await once(this.#news, 'line', { signal: stop }).catch((cause) => {
        throw new Error(`The tracker has not said: ${beginning}`, { cause });
      });
  }
}
