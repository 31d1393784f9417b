import type { BenchOptions } from '../options.js';
import type { Stage } from '../stage.js';
import type { Measured, Ratio } from '../table.js';
import { FILL, NOTES, type Progress, speedsOf } from './many-verbs/progress.js';

const KIND = 'bench';

/** In an order in which each finds what the one before left. */
const VERBS = ['retryMany', 'ignoreMany', 'removeMany'] as const;
type Verb = (typeof VERBS)[number];

const CALLS: Record<Verb, (stage: Stage) => Promise<number>> = {
  retryMany: ({ tracker }) => tracker.retryMany({ kind: KIND }),
  ignoreMany: ({ tracker }) => tracker.ignoreMany({ kind: KIND }, 'bench'),
  removeMany: ({ tracker }) => tracker.removeMany({ kind: KIND }),
};

/** Jobs a second of the last tenth against the first tenth of one call over all jobs: each bite must cost the same. */
export async function manyVerbs(stage: Stage, { jobs, runs }: BenchOptions): Promise<Measured[]> {
  for (const text of NOTES) await stage.pool.query(text);
  const seen = new Map<Verb, Ratio[]>(VERBS.map((verb) => [verb, []]));
  for (let run = 0; run < runs; run++) {
    await stage.pool.query('truncate job, job_past_attempt');
    for (const text of FILL) await stage.pool.query(text, [KIND, jobs]);
    await stage.pool.query('vacuum analyze');
    for (const verb of VERBS) seen.get(verb)?.push(await measured(stage, verb, jobs));
  }
  return [...seen].map(([verb, ratios]) => ({
    what: `${verb} of ${jobs} jobs, last tenth against first tenth`,
    unit: 'jobs/s',
    runs: ratios,
  }));
}

async function measured(stage: Stage, verb: Verb, jobs: number): Promise<Ratio> {
  await stage.pool.query('truncate bench_progress');
  const { rows: begun } = await stage.pool.query<{ now: number }>(
    'select extract(epoch from clock_timestamp())::float8 * 1000 as now',
  );
  const changed = await CALLS[verb](stage);
  if (changed !== jobs) throw new Error(`expected ${verb} to change ${jobs} jobs, got: ${changed}`);
  const { rows } = await stage.pool.query<Progress>('select changed, at from bench_progress order by at');
  return speedsOf(rows, begun[0]?.now ?? Number.NaN);
}
