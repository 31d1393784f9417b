import { JOB_COLUMNS, unchangedSince } from './columns.js';

/**
 * A fresh start: due now, counts 0. What the last attempt left stays on the row; a pending one that is due already keeps its place.
 * $1 kind, $2 id, $3 a succeeded one too, $4 when it had changed last, as it was found
 */
export const retryJob = `
update "job" j
set status = 'pending', run_at = case when j.status = 'pending' then least(j.run_at, now()) else now() end, updated_at = now(),
  failures = 0, crashes = 0, reason = null
where j.kind = $1::text and j.id = $2::text
  and (j.status in ('failed', 'ignored') or (j.status = 'succeeded' and $3::bool)
    or (j.status = 'pending' and (j.run_at > now() or j.failures + j.crashes > 0)))
  and ${unchangedSince('$4')}
returning ${JOB_COLUMNS}`;
