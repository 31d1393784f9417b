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

/**
 * One bounded bite of a verb over many jobs, by key: the next one begins behind its last row, so that no job is changed twice, whatever becomes of
 * it meanwhile. Rows that somebody holds are passed over. $7 at most, $8 $9 the last row of the bite before or null
 */
const bite = (state: string) => `
with bite as materialized (
  select j.kind, j.id from "job" j where ${MATCHES} and ${state}
    and ($8::text is null or (j.kind, j.id) > ($8::text, $9::text))
  order by j.kind, j.id limit $7::int for update skip locked)`;

/** No row: nothing was left. */
const bitten = `
select count(*) over ()::int as changed, b.kind, b.id from bite b order by b.kind desc, b.id desc limit 1`;

/** $10 succeeded ones too, $11 pending ones too that wait for a later time or have counts */
export const retryMany = `${bite(`(j.status in ('failed', 'ignored') or (j.status = 'succeeded' and $10::bool) or (j.status = 'pending' and (j.run_at > now() or j.failures + j.crashes > 0) and $11::bool))`)},
changed as (
  update "job" j
  set status = 'pending', run_at = case when j.status = 'pending' then least(j.run_at, now()) else now() end, updated_at = now(),
    failures = 0, crashes = 0, reason = null
  from bite b where j.kind = b.kind and j.id = b.id)${bitten}`;

/** $10 reason */
export const ignoreMany = `${bite(`j.status in ('pending', 'failed')`)},
changed as (
  update "job" j set status = 'ignored', reason = $10::text, updated_at = now()
  from bite b where j.kind = b.kind and j.id = b.id)${bitten}`;

/** As removeJob: only jobs that nobody has claimed since the statement began. */
export const removeMany = `${bite(`j.expires_at is null and j.claims = (select s.claims from "job" s where s.kind = j.kind and s.id = j.id)`)},
history as (delete from "job_past_attempt" p using bite b where p.kind = b.kind and p.id = b.id),
gone as (delete from "job" j using bite b where j.kind = b.kind and j.id = b.id)${bitten}`;
