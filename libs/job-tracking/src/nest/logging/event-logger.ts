import { Injectable, Logger } from '@nestjs/common';
import { type JobEvent, type JobEvents, type JobEventType, printable } from '../../protocol/index.js';

type Level = 'debug' | 'log' | 'warn' | 'error';

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
  retried: 'log',
  ignored_by_operator: 'log',
  released_by_operator: 'log',
  removed: 'log',
  many_changed: 'log',
};

/** Characters: more than a stored error holds, unless its limit was raised. A driver's error has no limit. */
const LONGEST_LINE = 20_000;

/** Turns events into lines of Nest's logger. */
@Injectable()
export class JobEventLogger implements JobEvents {
  readonly #logger = new Logger('JobTracking');
  readonly #broken = new WeakSet<JobEvents>();

  announce(event: JobEvent): void {
    this.#logger[EVENT_LEVELS[event.type]](lineOf(event));
  }

  /** Once for each listener: one that is broken is broken at every event. */
  listenerFailed(listener: JobEvents, error: unknown): void {
    if (this.#broken.has(listener)) return;
    this.#broken.add(listener);
    this.#logger.error(
      printable(bounded(`a listener of events failed (told once; it is called again): ${messageOf(error)}`)),
    );
  }
}

/** One line an event: which job, which attempt, what became of it. Ids are of clients, and errors quote them: what is not seen is escaped. */
export function lineOf(event: JobEvent): string {
  const attempt = 'attempt' in event ? ` (attempt ${event.attempt}, claim ${event.claim})` : '';
  return printable(bounded(`${whatOf(event)}${attempt} ${wordsOf(event)}`));
}

function whatOf(event: JobEvent): string {
  if (event.type === 'many_changed') return `${event.kind || 'any kind'}:`;
  return 'id' in event ? `${event.kind}/${event.id}` : event.kind;
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
    case 'retried':
      return 'is pending and due again: an operator retried it';
    case 'ignored_by_operator':
      return `is ignored from now on, by an operator: ${event.reason}`;
    case 'released_by_operator':
      return 'is pending again: an operator released it from its run';
    case 'removed':
      return `was removed by an operator (it was ${event.status})`;
    case 'many_changed':
      return `${event.count} jobs were changed by ${event.verb}Many`;
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
