import { JOB_COLUMNS } from './columns.js';

/**
 * Any end but success. A failure that uses up the attempts makes the job ignored; what is not the job's fault gives its attempt back.
 * $1 kind, $2 id, $3 token, $4 outcome, $5 error, $6 reason, $7 the policy's max attempts, $8 delay ms
 */
export const recordEnding = `
update "job" j
set status = case $4::text when 'ignored' then 'ignored'
    when 'failed' then case when j.failures + j.crashes + 1 >= coalesce(j.max_attempts, $7::int) then 'ignored' else 'failed' end
    else 'pending' end,
  outcome = $4::text, finished_at = greatest(now(), j.started_at), expires_at = null, updated_at = now(),
  error = case when $4::text in ('failed', 'ignored') then $5::jsonb else j.error end,
  reason = case $4::text when 'ignored' then $6::text
    when 'failed' then case when j.failures + j.crashes + 1 >= coalesce(j.max_attempts, $7::int)
      then case j.crashes when 0 then 'failed ' || case j.failures when 0 then 'once' else j.failures + 1 || ' times' end
        else j.failures + j.crashes + 1 || ' attempts used up: ' || j.failures + 1 || ' failed, ' || j.crashes || ' crashed' end end
    end,
  failures = j.failures + case $4::text when 'failed' then 1 else 0 end,
  attempts = j.attempts - case when $4::text in ('snoozed', 'interrupted', 'released') then 1 else 0 end,
  run_at = now() + $8::float8 * interval '1 ms'
where j.kind = $1::text and j.id = $2::text and j.token = $3::uuid and j.expires_at is not null
returning ${JOB_COLUMNS}`;
