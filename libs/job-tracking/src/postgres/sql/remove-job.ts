import { JOB_COLUMNS } from './columns.js';

/** History goes with the job: an id that is registered again starts at claim 1. $1 kind, $2 id */
export const removeJob = `
with gone as (
  delete from "job" j where j.kind = $1::text and j.id = $2::text and j.expires_at is null returning ${JOB_COLUMNS}),
history as (
  delete from "job_past_attempt" p using gone g where p.kind = g.kind and p.id = g.id)
select * from gone`;
