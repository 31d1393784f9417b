import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ProgressLine } from '../src/console/progress-line.js';
import { AuditStanding } from '../src/jobs/audit-standing.js';

// A dumb one has no bar, and tests may run on one.
beforeEach(() => vi.stubEnv('TERM', 'xterm'));
afterEach(() => vi.unstubAllEnvs());

it('draws a bar over itself on a terminal, never wider than it', () => {
  const { out, written } = screen({ isTTY: true, columns: 60 });
  const progress = new ProgressLine(out);
  for (const done of [0, 1, 3]) progress.show(standing(done));
  progress.clear();
  const drawn = written().split('\r\x1b[K').slice(1);
  expect(drawn.map((line) => line.slice(0, 37))).toEqual([
    `${'░'.repeat(30)}   0 % `,
    `${'█'.repeat(10)}${'░'.repeat(20)}  33 % `,
    `${'█'.repeat(30)} 100 % `,
    '',
  ]);
  for (const line of drawn) expect(line.length).toBeLessThan(60);
});

it('writes plain lines with a percentage where there is no terminal', () => {
  const { out, written } = screen({});
  const progress = new ProgressLine(out);
  for (const done of [0, 0, 1, 3, 3]) progress.show(standing(done));
  progress.clear();
  expect(written()).toBe(
    [
      '  0 %  read 0/1, classify 0/1, assess 0/1, 0 at fault',
      ' 33 %  read 1/1, classify 0/1, assess 0/1, 0 at fault',
      '100 %  read 1/1, classify 1/1, assess 1/1, 0 at fault\n',
    ].join('\n'),
  );
});

function screen(terminal: { isTTY?: boolean; columns?: number }) {
  const stream = new PassThrough({ encoding: 'utf8' });
  const out = Object.assign(stream, terminal) as unknown as NodeJS.WriteStream;
  return { out, written: () => (stream.read() as string | null) ?? '' };
}

/** One package, so many of its steps done. */
function standing(done: number): AuditStanding {
  const steps = ['read', 'classify', 'assess'].map((step, place) => ({
    step,
    id: 'good@1.0.0',
    job: { status: place < done ? 'succeeded' : 'pending' },
    blockedBy: undefined,
  }));
  return new AuditStanding(steps as unknown as AuditStanding['steps']);
}
