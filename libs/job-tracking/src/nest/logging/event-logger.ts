import { Injectable, Logger } from '@nestjs/common';
import { type JobEvent, type JobEvents, type JobEventType, printable } from '../../protocol/index.js';

type Level = 'debug' | 'warn' | 'error';

/** How loud each event is. */
export const EVENT_LEVELS: Readonly<Record<JobEventType, Level>> = {
  claimed: 'debug',
  succeeded: 'debug',
  refused: 'debug',
  skipped_ignored: 'warn',
  snoozed: 'debug',
  interrupted: 'debug',
  released: 'debug',
  failed: 'warn',
  ignored: 'warn',
  taken_over: 'warn',
  crashed: 'warn',
  lost: 'warn',
  output_dropped: 'warn',
  renewal_failed: 'warn',
  registered_outside: 'warn',
  record_delayed: 'error',
  poll_failed: 'error',
};

/** Characters: more than a stored error holds, unless its limit was raised. A driver's error has no limit. */
const LONGEST_LINE = 20_000;

/** Turns events into lines of Nest's logger. */
@Injectable()
export class JobEventLogger implements JobEvents {
  readonly #logger = new Logger('JobTracking');

  announce(event: JobEvent): void {
    this.#logger[EVENT_LEVELS[event.type]](lineOf(event));
  }
}

/** One line an event: which job, which attempt, what became of it. Ids are of clients, and errors quote them: what is not seen is escaped. */
export function lineOf(event: JobEvent): string {
  const job = 'id' in event ? `${event.kind}/${event.id}` : event.kind;
  const attempt = 'attempt' in event ? ` (attempt ${event.attempt}, claim ${event.claim})` : '';
  return printable(bounded(`${job}${attempt} ${wordsOf(event)}`));
}

function wordsOf(event: JobEvent): string {
  switch (event.type) {
    case 'claimed':
      return 'claimed';
    case 'taken_over':
      return `taken over: its last worker died (${event.crashes} since the last success)`;
    case 'refused':
      return `refused: ${event.code}`;
    case 'skipped_ignored':
      return `is ignored, so this call and those to come run nothing before it is retried: ${event.reason}`;
    case 'succeeded':
      return `succeeded in ${event.duration} ms`;
    case 'failed':
      return `failed in ${event.duration} ms: ${event.error.name}: ${event.error.message}`;
    case 'ignored':
      return `is ignored from now on: ${event.reason}`;
    case 'snoozed':
      return `snoozed, due in ${event.retryIn} ms`;
    case 'interrupted':
      return 'interrupted, pending again';
    case 'released':
      return 'released, pending again';
    case 'crashed':
      return `is ignored from now on: ${event.reason}`;
    case 'lost':
      return `lost its lease after ${event.duration} ms; nothing of this run was recorded`;
    case 'output_dropped':
      return `succeeded, ${event.reason}`;
    case 'renewal_failed':
      return `could not renew its lease, trying again: ${messageOf(event.error)}`;
    case 'record_delayed':
      return `could not record its outcome, trying again: ${messageOf(event.error)}`;
    case 'registered_outside':
      return 'was registered outside the transaction that its caller has open: it stays when that is rolled back (told once)';
    case 'poll_failed':
      return `could not be claimed, trying again: ${messageOf(event.error)}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function bounded(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}...` : line;
}
