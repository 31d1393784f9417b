import { afterDone, JOB_COLUMNS } from './columns.js';
import { LAST_ATTEMPT, moveToHistory } from './take.js';

/**
 * Grants a set of due jobs of a kind, by priority, then time. Level by level: one scan over all levels would read every job of a better
 * priority that is not due yet. The series drives the loop, so the outer limit stops it before a lower level is locked in vain.
 * A job that waits or has failed has no reason, so there is none to clear.
 * $1 kind, $2 at most, $3 tokens, $4 lease ms, $5 worker, $6 kinds that come before
 */
const statement = (also: string) => `
with due as materialized (
  select x.*, ($3::uuid[])[row_number() over ()] as new_token from (
    select d.* from generate_series(9, 0, -1) level(priority) cross join lateral (
      select ${LAST_ATTEMPT} from "job" j
      where j.kind = $1::text and j.status in ('pending', 'failed') and j.priority = level.priority and j.run_at <= now()${also}
      order by j.run_at, j.id limit $2::int for update of j skip locked) d
    limit $2::int) x),
past as (${moveToHistory('claims > 0')}),
taken as (
  update "job" j
  set status = 'in_progress', outcome = null, finished_at = null, claims = j.claims + 1, attempts = j.attempts + 1,
    token = d.new_token, worker = $5::text, started_at = greatest(now(), d.finished_at),
    expires_at = now() + $4::float8 * interval '1 ms',
    progress = null, progress_note = null, progress_at = null, updated_at = now()
  from due d where j.kind = d.kind and j.id = d.id
  returning ${JOB_COLUMNS}, j.run_at as due_since, 'false' as took_over)
select * from taken order by priority desc, due_since, id`;

export const claimDue = statement('');
export const claimDueAfter = statement(` and ${afterDone('$6', 'j.id')}`);
