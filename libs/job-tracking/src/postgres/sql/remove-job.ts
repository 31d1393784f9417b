import { JOB_COLUMNS, unchangedSince } from './columns.js';

/**
 * History goes with the job: an id that is registered again starts at claim 1. Only as the job was found: what a claim has moved to history since,
 * the statement might not see, and would leave behind. $1 kind, $2 id, $3 its claims, $4 when it had changed last
 */
export const removeJob = `
with gone as (
  delete from "job" j
  where j.kind = $1::text and j.id = $2::text and j.expires_at is null and j.claims = $3::bigint and ${unchangedSince('$4')}
  returning ${JOB_COLUMNS}),
history as (
  delete from "job_past_attempt" p using gone g where p.kind = g.kind and p.id = g.id)
select * from gone`;
