import { JOB_COLUMNS } from './columns.js';

/**
 * History goes with the job: an id that is registered again starts at claim 1. Only as the statement saw the job from its start: what a claim moved
 * to history since, it cannot see, and would leave behind. $1 kind, $2 id
 */
export const removeJob = `
with gone as (
  delete from "job" j where j.kind = $1::text and j.id = $2::text and j.expires_at is null
    and j.claims = (select s.claims from "job" s where s.kind = $1::text and s.id = $2::text)
  returning ${JOB_COLUMNS}),
history as (
  delete from "job_past_attempt" p using gone g where p.kind = g.kind and p.id = g.id)
select * from gone`;
