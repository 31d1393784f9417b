import type { JobEvent } from 'nestjs-job-tracking';
import { expect, test } from 'vitest';
import { EventLines } from '../src/console/event-lines.js';
import type { ProgressLine } from '../src/console/progress-line.js';

const job = { kind: 'read', id: 'nest' };

test.each<[JobEvent, string[]]>([
  [
    { type: 'taken_over', ...job, claim: 2, attempt: 2, worker: 'w', crashes: 1 },
    ['read/nest: taken over from a process that died'],
  ],
  [{ type: 'retried', ...job }, ['read/nest: retried by an operator']],
  [{ type: 'many_changed', kind: 'read', verb: 'retry', count: 3 }, ['read: 3 jobs changed by retryMany']],
  [{ type: 'many_changed', kind: '', verb: 'remove', count: 1 }, ['any kind: 1 jobs changed by removeMany']],
  [{ type: 'claimed', ...job, claim: 1, attempt: 1, worker: 'w' }, []],
])('%j', (event, lines) => {
  const printed: string[] = [];
  const cleared: string[] = [];
  const progress = { clear: () => cleared.push('cleared') } as unknown as ProgressLine;
  new EventLines(progress, (line) => printed.push(line)).announce(event);
  expect(printed).toEqual(lines);
  expect(cleared).toHaveLength(lines.length);
});
