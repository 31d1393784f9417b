import type { BenchOptions } from '../options.js';
import type { Stage } from '../stage.js';
import type { Measured, Ratio } from '../table.js';
import { FILL, NOTES, type Progress, speedOf, speedsOf } from './many-verbs/progress.js';

const KIND = 'bench';

const VERBS = ['retryMany', 'ignoreMany', 'removeMany'] as const;
type Verb = (typeof VERBS)[number];

const CALLS: Record<Verb, (stage: Stage) => Promise<number>> = {
  retryMany: ({ tracker }) => tracker.retryMany({ kind: KIND }),
  ignoreMany: ({ tracker }) => tracker.ignoreMany({ kind: KIND }, 'bench'),
  removeMany: ({ tracker }) => tracker.removeMany({ kind: KIND }),
};

/** Each bite must cost the same, however many went before it, and however many are left. */
export async function manyVerbs(stage: Stage, { jobs, runs }: BenchOptions): Promise<Measured[]> {
  for (const text of NOTES) await stage.pool.query(text);
  const rows: Measured[] = [];
  for (const verb of VERBS) {
    const tenths: Ratio[] = [];
    const sizes: Ratio[] = [];
    for (let run = 0; run < runs; run++) {
      tenths.push(speedsOf(...(await measured(stage, verb, jobs, { statistics: true }))));
      const [few, many] = [
        speedOf(...(await measured(stage, verb, jobs / 10, { statistics: false }))),
        speedOf(...(await measured(stage, verb, jobs, { statistics: false }))),
      ];
      sizes.push({ of: many, against: few });
    }
    rows.push({ what: `${verb} of ${jobs} jobs, last tenth against first tenth`, unit: 'jobs/s', runs: tenths });
    const imported = `${verb} right after an import, ${jobs} jobs against ${jobs / 10}`;
    rows.push({ what: imported, unit: 'jobs/s', runs: sizes });
  }
  return rows;
}

/** Without statistics: as a table is right after a large import, for as long as nobody has analyzed it. */
async function measured(
  stage: Stage,
  verb: Verb,
  jobs: number,
  { statistics }: { statistics: boolean },
): Promise<[progress: Progress[], begun: number]> {
  const { pool } = stage;
  await pool.query('truncate job, job_past_attempt, bench_progress');
  await pool.query(`delete from pg_statistic where starelid in ('job'::regclass, 'job_past_attempt'::regclass)`);
  for (const text of FILL) await pool.query(text, [KIND, jobs]);
  if (statistics) await pool.query('vacuum analyze job, job_past_attempt');
  const { rows: begun } = await pool.query<{ now: number }>(
    'select extract(epoch from clock_timestamp())::float8 * 1000 as now',
  );
  const changed = await CALLS[verb](stage);
  if (changed !== jobs) throw new Error(`expected ${verb} to change ${jobs} jobs, got: ${changed}`);
  const { rows } = await pool.query<Progress>('select changed, at from bench_progress order by at');
  return [rows, begun[0]?.now ?? Number.NaN];
}
