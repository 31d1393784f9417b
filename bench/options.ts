import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** How many jobs a row works on: a multiple of ten. */
  jobs: number;
  /** How often each row is run; its figures are medians. */
  runs: number;
}

const SHORT: BenchOptions = { jobs: 100_000, runs: 3 };
const FULL: BenchOptions = { jobs: 300_000, runs: 5 };

/** `--full`, `--jobs N`, `--runs N`. Throws an Error for anything else. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { full: { type: 'boolean' }, jobs: { type: 'string' }, runs: { type: 'string' } },
  });
  const { jobs, runs } = values.full ? FULL : SHORT;
  return { jobs: countOf('jobs', values.jobs, jobs, 10_000, 10), runs: countOf('runs', values.runs, runs, 1, 1) };
}

function countOf(name: string, text: string | undefined, usual: number, least: number, step: number): number {
  if (text === undefined) return usual;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= least && count % step === 0) return count;
  throw new Error(`expected --${name} to be a multiple of ${step} of at least ${least}, got: ${text}`);
}
