import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { resolveCoreOptions } from './nest/module/core-options.js';
import { checkConsumeOptions } from './protocol/consume/consume-options.js';
import { checkPolicy } from './protocol/job/policy.js';
import { type Duration, LONGEST_TIMER } from './protocol/options/duration.js';
import { renewalRetry, untilDoubt, untilRenewal } from './protocol/run/lease.js';

/** A timer of more than 2^31-1 ms fires after one: a consumer would spin, and a shutdown leave handlers behind. */
const grace = (value: Duration) => resolveCoreOptions({ grace: value }, 'forRoot');
const pollInterval = (value: Duration) => checkConsumeOptions('kind', { pollInterval: value }, 'consume');
const lease = (value: Duration) => checkPolicy({ lease: value }, 'track');
const timeout = (value: Duration) => checkPolicy({ timeout: value }, 'track');

test.each(Object.entries({ grace, pollInterval, lease, timeout }))(
  '%s, which becomes a timer, is no longer than a timer can be',
  (name, check) => {
    expect(() => check(LONGEST_TIMER)).not.toThrow();
    for (const longer of [LONGEST_TIMER + 1, '25d', '30d', '10000d'] as const)
      expect(() => check(longer)).toThrow(`expected ${name} to be at most 2147483647 ms, got: `);
  },
);

test('a lease of the longest time is renewed, and doubted, by timers that can be', () => {
  for (const now of [0, 1, LONGEST_TIMER])
    for (const wait of [untilDoubt, untilRenewal].map((until) => until(LONGEST_TIMER, LONGEST_TIMER, now)))
      expect(wait).toBeLessThanOrEqual(LONGEST_TIMER);
  expect(renewalRetry(LONGEST_TIMER)).toBeLessThanOrEqual(1_000);
});

/** What each timer of the library is set to, and why that is never more than a timer can be. */
const TIMERS: Record<string, string> = {
  'protocol/run/runs-of-app.ts: within': 'grace',
  'protocol/run/joining.ts: ms': 'steps of a second at most',
  'protocol/run/heartbeat.ts: delay': 'within the lease',
  'protocol/run/heartbeat.ts: delay (2)': 'within the lease',
  'protocol/run/record.ts: wait': 'steps of two seconds at most',
  'protocol/run/run-tracked.ts: timeout': 'timeout',
  'postgres/sending/answered.ts: within': 'ten seconds, or a quarter of the lease',
  'postgres/sending/database.ts: pauseAfter(fault, wait)': 'steps of half a second at most, for startTimeout too',
  'protocol/consume/job-consumer.ts: time': 'pollInterval',
  'nest/answers/streams/reading.ts: patience': 'lease',
};

test('a new timer says here why it is never too long', () => {
  expect(timersOfSource().sort()).toEqual(Object.keys(TIMERS).sort());
});

function timersOfSource(): string[] {
  const cwd = import.meta.dirname;
  const files = globSync('**/*.ts', { cwd }).filter(
    (name) => !name.endsWith('.spec.ts') && !name.startsWith('testing'),
  );
  const seen = new Map<string, number>();
  for (const name of files) {
    const source = ts.createSourceFile(name, readFileSync(path.join(cwd, name), 'utf8'), ts.ScriptTarget.Latest, true);
    for (const time of timesIn(source)) {
      const timer = `${name.replaceAll(path.sep, '/')}: ${time}`;
      seen.set(timer, (seen.get(timer) ?? 0) + 1);
    }
  }
  return [...seen].flatMap(([timer, count]) =>
    Array.from({ length: count }, (_, i) => (i === 0 ? timer : `${timer} (${i + 1})`)),
  );
}

/** `sleep` is what the library calls the setTimeout of node:timers/promises, which takes the time first. */
const TIME_AT: Readonly<Record<string, number>> = { setTimeout: 1, setInterval: 1, sleep: 0, 'AbortSignal.timeout': 0 };

function timesIn(node: ts.Node): string[] {
  const inside: string[] = [];
  node.forEachChild((child) => void inside.push(...timesIn(child)));
  const at = ts.isCallExpression(node) ? TIME_AT[node.expression.getText()] : undefined;
  if (at === undefined) return inside;
  return [(node as ts.CallExpression).arguments[at]?.getText() ?? 'no time', ...inside];
}
