import type { Ratio } from '../../table.js';

/** What one statement changed, and when, in ms. */
export interface Progress {
  changed: number;
  at: number;
}

/** Failed jobs, each with one attempt in history. $1 kind, $2 how many */
export const FILL = [
  `insert into job (kind, id, status, claims, attempts, failures, token, worker, outcome, started_at, finished_at, error, data)
  select $1::text, 'job-' || lpad(n::text, 9, '0'), 'failed', 2, 2, 2, gen_random_uuid(), 'bench', 'failed', now(), now(),
    '{"name":"Error","message":"no","fingerprint":"f00d"}', jsonb_build_object('order', n)
  from generate_series(1, $2::int) n`,
  `insert into job_past_attempt (kind, id, claim, attempt, token, worker, outcome, started_at, ended_at, error)
  select $1::text, 'job-' || lpad(n::text, 9, '0'), 1, 1, gen_random_uuid(), 'bench', 'failed', now(), now(),
    '{"name":"Error","message":"no","fingerprint":"f00d"}'
  from generate_series(1, $2::int) n`,
];

/** The server itself notes each statement: one row a statement, which costs next to nothing beside the jobs of one. */
export const NOTES = [
  // Statistics come when the bench says so.
  'alter table job set (autovacuum_enabled = off)',
  'alter table job_past_attempt set (autovacuum_enabled = off)',
  'create unlogged table bench_progress (changed int not null, at float8 not null)',
  `create function bench_note() returns trigger language plpgsql as $$ begin
    insert into bench_progress select count(*), extract(epoch from clock_timestamp())::float8 * 1000 from old_rows;
    return null;
  end $$`,
  ...['update', 'delete'].map(
    (event) => `create trigger bench_${event} after ${event} on job
    referencing old table as old_rows for each statement execute function bench_note()`,
  ),
];

/** Jobs a second of all. */
export function speedOf(progress: readonly Progress[], begun: number): number {
  const { changed } = until(Number.POSITIVE_INFINITY, progress);
  return (changed / ((progress.at(-1)?.at ?? Number.NaN) - begun)) * 1000;
}

/** Jobs a second of the last tenth (`of`) against the first tenth. Statements are whole: the tenths end with the one that fills them. */
export function speedsOf(progress: readonly Progress[], begun: number): Ratio {
  const tenth = progress.reduce((sum, { changed }) => sum + changed, 0) / 10;
  const first = until(tenth, progress);
  const last = until(tenth, progress.toReversed());
  const begins = progress.at(-last.statements - 1)?.at ?? begun;
  const end = (at: number) => progress.at(at)?.at ?? Number.NaN;
  return {
    of: (last.changed / (end(-1) - begins)) * 1000,
    against: (first.changed / (end(first.statements - 1) - begun)) * 1000,
  };
}

function until(count: number, progress: readonly Progress[]): { changed: number; statements: number } {
  let [changed, statements] = [0, 0];
  for (const each of progress) {
    if (changed >= count) break;
    changed += each.changed;
    statements++;
  }
  return { changed, statements };
}
