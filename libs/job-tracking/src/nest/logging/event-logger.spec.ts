import { Logger, type LoggerService } from '@nestjs/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobEvent, JobEventType } from '../../protocol/index.js';
import { EVENT_LEVELS, JobEventLogger } from './event-logger.js';

const lines: [level: string, line: unknown, context: unknown][] = [];
const log =
  (level: string) =>
  (line: unknown, ...more: unknown[]) =>
    void lines.push([level, line, more.at(-1)]);
const fake = { log: log('log'), debug: log('debug'), warn: log('warn'), error: log('error') } as LoggerService;
beforeAll(() => Logger.overrideLogger(fake));
afterAll(() => Logger.overrideLogger(['log', 'error', 'warn', 'debug', 'fatal', 'verbose']));

const job = { kind: 'charge', id: '7' };
const attempt = { ...job, claim: 4, attempt: 2, worker: 'w' };
const end = { ...attempt, duration: 12 };
const failure = { name: 'TypeError', message: 'no funds', fingerprint: 'f', stack: 'at secret (/srv/app.js)' };
const gone = new Error('connection refused');

const told: { [T in JobEventType]: [event: Extract<JobEvent, { type: T }>, level: string, line: string] } = {
  claimed: [{ type: 'claimed', ...attempt }, 'debug', 'charge/7 (attempt 2, claim 4) claimed'],
  succeeded: [{ type: 'succeeded', ...end }, 'debug', 'charge/7 (attempt 2, claim 4) succeeded in 12 ms'],
  refused: [{ type: 'refused', ...job, code: 'JOB_LOCKED' }, 'debug', 'charge/7 refused: JOB_LOCKED'],
  skipped_ignored: [
    { type: 'skipped_ignored', ...job, reason: 'failed 3 times' },
    'warn',
    'charge/7 is ignored, so this call and those to come run nothing before it is retried: failed 3 times',
  ],
  snoozed: [{ type: 'snoozed', ...end, retryIn: 50 }, 'debug', 'charge/7 (attempt 2, claim 4) snoozed, due in 50 ms'],
  interrupted: [{ type: 'interrupted', ...end }, 'debug', 'charge/7 (attempt 2, claim 4) interrupted, pending again'],
  released: [{ type: 'released', ...end }, 'debug', 'charge/7 (attempt 2, claim 4) released, pending again'],
  failed: [
    { type: 'failed', ...end, error: failure, retryIn: 50 },
    'warn',
    'charge/7 (attempt 2, claim 4) failed in 12 ms: TypeError: no funds',
  ],
  ignored: [
    { type: 'ignored', ...end, reason: 'failed 3 times' },
    'warn',
    'charge/7 (attempt 2, claim 4) is ignored from now on: failed 3 times',
  ],
  taken_over: [
    { type: 'taken_over', ...attempt, crashes: 1 },
    'warn',
    'charge/7 (attempt 2, claim 4) taken over: its last worker died (1 since the last success)',
  ],
  crashed: [
    { type: 'crashed', ...job, reason: 'its worker died 3 times' },
    'warn',
    'charge/7 is ignored from now on: its worker died 3 times',
  ],
  lost: [
    { type: 'lost', ...end },
    'warn',
    'charge/7 (attempt 2, claim 4) lost its lease after 12 ms; nothing of this run was recorded',
  ],
  output_dropped: [
    { type: 'output_dropped', ...attempt, reason: 'output not kept' },
    'warn',
    'charge/7 (attempt 2, claim 4) succeeded, output not kept',
  ],
  registered_outside: [
    { type: 'registered_outside', ...job },
    'warn',
    'charge/7 was registered outside the transaction that its caller has open: it stays when that is rolled back (told once)',
  ],
  renewal_failed: [
    { type: 'renewal_failed', ...attempt, error: gone },
    'warn',
    'charge/7 (attempt 2, claim 4) could not renew its lease, trying again: connection refused',
  ],
  record_delayed: [
    { type: 'record_delayed', ...attempt, error: gone },
    'error',
    'charge/7 (attempt 2, claim 4) could not record its outcome, trying again: connection refused',
  ],
  retried: [{ type: 'retried', ...job }, 'log', 'charge/7 is pending and due again: an operator retried it'],
  ignored_by_operator: [
    { type: 'ignored_by_operator', ...job, reason: 'a test order' },
    'log',
    'charge/7 is ignored from now on, by an operator: a test order',
  ],
  released_by_operator: [
    { type: 'released_by_operator', ...job },
    'log',
    'charge/7 is pending again: an operator released it from its run',
  ],
  removed: [
    { type: 'removed', ...job, status: 'failed' },
    'log',
    'charge/7 was removed by an operator (it was failed)',
  ],
  many_changed: [
    { type: 'many_changed', kind: 'charge', verb: 'retry', count: 12 },
    'log',
    'charge: 12 jobs were changed by retryMany',
  ],
  poll_failed: [
    { type: 'poll_failed', kind: 'charge', error: gone },
    'error',
    'charge could not be claimed, trying again: connection refused',
  ],
};

test.each(Object.entries(told))('%s', (_, [event, level, line]) => {
  lines.length = 0;
  new JobEventLogger().announce(event);
  expect(lines).toEqual([[level, line, 'JobTracking']]);
});

test('every event has a level and a line above', () => {
  expect(Object.keys(told).sort()).toEqual(Object.keys(EVENT_LEVELS).sort());
});
