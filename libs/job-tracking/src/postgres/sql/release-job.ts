import { JOB_COLUMNS } from './columns.js';

/** Takes the lease away: FOR UPDATE first, as a takeover does. The token stays, and fences the run off. $1 kind, $2 id, $3 the grant's claim */
export const releaseJob = `
with held as materialized (
  select kind, id from "job" where kind = $1::text and id = $2::text and claims = $3::bigint and expires_at is not null for update)
update "job" j
set status = 'pending', outcome = 'released', finished_at = greatest(now(), j.started_at), expires_at = null,
  attempts = j.attempts - 1, run_at = now(), updated_at = now()
from held h where j.kind = h.kind and j.id = h.id
returning ${JOB_COLUMNS}`;
