/** What the row holds of its last attempt, as the grant that supersedes it needs it. */
export const LAST_ATTEMPT = `j.kind, j.id, j.status, j.claims, j.attempts, j.token, j.worker, j.started_at, j.outcome, j.finished_at, j.error`;

/**
 * Moves the last attempt of the rows of `due` to history before they are granted again. What stands there already is of a former life of the id,
 * whose row somebody deleted by hand: refused, no consumer of the kind would claim anything any more. An attempt that is moved twice, which the
 * row's lock prevents, is refused still: its token is none (not null).
 */
export const moveToHistory = (where: string) => `
  insert into "job_past_attempt" (kind, id, claim, attempt, token, worker, outcome, started_at, ended_at, error)
  select kind, id, claims, attempts + case when outcome in ('snoozed', 'interrupted', 'released') then 1 else 0 end, token, worker,
    coalesce(outcome, 'crashed'), started_at, coalesce(finished_at, greatest(now(), started_at)),
    case when outcome in ('failed', 'ignored', 'crashed') then error end
  from due where ${where}
  on conflict (kind, id, claim) do update
  set attempt = excluded.attempt, token = nullif(excluded.token, "job_past_attempt".token), worker = excluded.worker, outcome = excluded.outcome,
    started_at = excluded.started_at, ended_at = excluded.ended_at, error = excluded.error`;
