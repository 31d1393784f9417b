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

export const retriable = (rerun: string, early: string) =>
  `(j.status in ('failed', 'ignored') or (j.status = 'succeeded' and ${rerun}::bool) or (j.status = 'pending' and (j.run_at > now() or j.failures + j.crashes > 0) and ${early}::bool))`;
export const IGNORABLE = `j.status in ('pending', 'failed')`;
export const REMOVABLE = 'j.expires_at is null';

/**
 * One bounded bite of a verb over many jobs: those of the named ones that match still, when their rows are locked. Rows that somebody holds are
 * passed over. By key, one after the other, whatever the planner takes the table for: a condition that it saw might draw it to an index that holds
 * every job of the kind, in each bite again. So the conditions stand in a CASE. $7 $8 kinds and ids
 */
const bite = (state: string) => `
with bite as materialized (
  select found.* from unnest((select $7::text[]), (select $8::text[])) named(kind, id) cross join lateral (
    select j.kind, j.id from "job" j
    where j.kind = named.kind and j.id = named.id and case when ${MATCHES} and ${state} then true else false end
    for update of j skip locked) found)`;

const bitten = `
select count(*)::int as changed from bite`;

/** $9 succeeded ones too, $10 pending ones too that wait for a later time or have counts */
export const retryMany = `${bite(retriable('$9', '$10'))},
changed as (
  update "job" j
  set status = 'pending', run_at = case when j.status = 'pending' then least(j.run_at, now()) else now() end, updated_at = now(),
    failures = 0, crashes = 0, reason = null
  from bite b where j.kind = b.kind and j.id = b.id)${bitten}`;

/** $9 reason */
export const ignoreMany = `${bite(IGNORABLE)},
changed as (
  update "job" j set status = 'ignored', reason = $9::text, updated_at = now()
  from bite b where j.kind = b.kind and j.id = b.id)${bitten}`;

/** As removeJob: only jobs that nobody has claimed since the statement began. */
export const removeMany = `${bite(`${REMOVABLE} and j.claims = (select s.claims from "job" s where s.kind = j.kind and s.id = j.id)`)},
history as (delete from "job_past_attempt" p using bite b where p.kind = b.kind and p.id = b.id),
gone as (delete from "job" j using bite b where j.kind = b.kind and j.id = b.id)${bitten}`;
