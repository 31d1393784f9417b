import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FAULTS, type PlannedFault, scheduleOf } from '../chaos/faults/schedule.js';
import { readOptions } from '../chaos/options.js';
import { thrownBy } from './support/thrown.js';

const ROOT = path.resolve(import.meta.dirname, '..');
/** Some ten seconds more are needed to begin and to end. `CHAOS_SEED=7` for another schedule. */
const RUN = { seconds: 20, workers: 3, seed: Number(process.env.CHAOS_SEED ?? 1) };

it('workers that are killed, stopped and cut off, on a server that crashes, lose nothing and do nothing twice', async () => {
  const program = path.join(ROOT, 'test/support/run-program.mjs');
  const options = Object.entries(RUN).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--enable-source-maps', program, path.join(ROOT, 'chaos/main.ts'), ...options],
    { cwd: ROOT },
  ).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`a promise was broken\n${error.stdout}${error.stderr}`);
  });
  const lines = stdout.trim().split('\n');
  console.info(lines.at(-1));
  expect(lines.at(-2)).toBe(`Again: npm run chaos -- --seconds 20 --seed ${RUN.seed} --workers 3`);
  expect(lines.at(-1)).toMatch(/^\d+ faults \(kill \d+, .*; \d+ jobs; .*; 0 lost; 0 doubled; 0 broken$/);
}, 180_000);

describe('a schedule of faults', () => {
  const run = { seconds: 60, workers: 4, seed: 7 };

  it('is the same for the same seed, and another for another', () => {
    expect(scheduleOf(run)).toEqual(scheduleOf(run));
    expect(scheduleOf({ ...run, seed: 8 })).not.toEqual(scheduleOf(run));
  });

  it('has every kind of fault, as often as any other', () => {
    const byKind = Map.groupBy(scheduleOf(run), ({ kind }: PlannedFault) => kind);
    const counts = FAULTS.map((kind) => byKind.get(kind)?.length ?? 0);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });
});

it.each([
  ['--seconds', '0'],
  ['--workers', '9'],
  ['--seed', 'abc'],
])('%s %s is refused, and what was expected is told', async (option, value) => {
  const error = await thrownBy(() => readOptions([option, value]));
  expect(error.message).toMatch(
    new RegExp(`^expected ${option} to be a whole number from \\d+ to \\d+, got: ${value}$`),
  );
});
