/**
 * A query's conditions; one that is null holds for every job. Numbers are the places of the parameters:
 * kind, statuses, ids, updated before, updated after, error fingerprint.
 */
export const MATCHES = `($1::text is null or j.kind = $1::text)
  and ($2::text[] is null or j.status = any($2::text[]))
  and ($3::text[] is null or j.id = any($3::text[]))
  and ($4::timestamptz is null or j.updated_at < $4::timestamptz)
  and ($5::timestamptz is null or j.updated_at > $5::timestamptz)
  and ($6::text is null or j.error->>'fingerprint' = $6::text)`;

/** One bounded bite of a verb over many jobs: rows that somebody holds are passed over and seen by the next bite. $7 at most */
const bite = (state: string) => `
  select j.kind, j.id from "job" j where ${MATCHES} and ${state}
  order by j.kind, j.id limit $7::int for update skip locked`;

/** $8 succeeded ones too, $9 pending ones too that wait for a later time or have counts */
export const retryMany = `
with bite as materialized (${bite(`(j.status in ('failed', 'ignored') or (j.status = 'succeeded' and $8::bool) or (j.status = 'pending' and (j.run_at > now() or j.failures + j.crashes > 0) and $9::bool))`)})
update "job" j
set status = 'pending', run_at = case when j.status = 'pending' then least(j.run_at, now()) else now() end, updated_at = now(),
  failures = 0, crashes = 0, reason = null
from bite b where j.kind = b.kind and j.id = b.id`;

/** $8 reason */
export const ignoreMany = `
with bite as materialized (${bite(`j.status in ('pending', 'failed')`)})
update "job" j set status = 'ignored', reason = $8::text, updated_at = now()
from bite b where j.kind = b.kind and j.id = b.id`;

export const removeMany = `
with bite as materialized (${bite('j.expires_at is null')}),
history as (delete from "job_past_attempt" p using bite b where p.kind = b.kind and p.id = b.id)
delete from "job" j using bite b where j.kind = b.kind and j.id = b.id`;
