/** What the row holds of its last attempt, as the grant that supersedes it needs it. */
export const LAST_ATTEMPT = `j.kind, j.id, j.status, j.claims, j.attempts, j.token, j.worker, j.started_at, j.outcome, j.finished_at, j.error`;

/** Moves the last attempt of the rows of `due` to history before they are granted again. */
export const moveToHistory = (where: string) => `
  insert into "job_past_attempt" (kind, id, claim, attempt, token, worker, outcome, started_at, ended_at, error)
  select kind, id, claims, attempts + case when outcome in ('snoozed', 'interrupted', 'released') then 1 else 0 end, token, worker,
    coalesce(outcome, 'crashed'), started_at, coalesce(finished_at, greatest(now(), started_at)),
    case when outcome in ('failed', 'ignored', 'crashed') then error end
  from due where ${where}`;
