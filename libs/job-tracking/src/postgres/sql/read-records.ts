import { MATCHES } from './many.js';

/** Exact to the microsecond: timestamps as Date would end at the millisecond. */
const milliseconds = (time: string) => `extract(epoch from ${time}) * 1000`;

/** Tokens stay here: what leaves is alike for one token, and leads back to none. */
const digest = (token: string) => `encode(sha256(uuid_send(${token})), 'base64')`;

/**
 * Between two keys: a kind is a range. Equal to a kind and behind a key at once, the index would be read from the first key of the kind, for every
 * page again.
 */
const within = (key: string) =>
  `($7::text is null or (${key}.kind, ${key}.id) > ($7::text, $8::text)) and ($9::text is null or ${key}.kind <= $9::text)`;
const OF_HISTORY = `($1::text is null or p.kind = $1::text) and ($3::text[] is null or p.id = any($3::text[]))`;

/**
 * A page of jobs by key, row and history in one statement. Each weighs about as many bytes as its answer, and a page ends when it is heavy, though
 * not before its first job. History without a job is found among the next keys of history, which are jumped to one by one: a scan would read the
 * records of all of them. The sub-selects with a limit keep the planner from reading whole tables for a few keys.
 * $1 to $6 conditions, $7 $8 the last key before the page or null, $9 the last kind or null, $10 at most, $11 history without a job too?, $12 at most
 * this heavy
 */
export const readRecords = `
with recursive jobs as materialized (
  select j.kind, j.id, 250 * greatest(j.claims - j.purged, 1) + coalesce(pg_column_size(j.data), 0) as weight from "job" j
  where ${MATCHES} and ${within('j')}
  order by j.kind, j.id limit $10::int),
histories as (
  (select p.kind, p.id, 1 as place from "job_past_attempt" p
    where $11::bool and ${OF_HISTORY} and ${within('p')}
    order by p.kind, p.id limit 1)
  union all
  select next.kind, next.id, h.place + 1 from histories h cross join lateral (
    select p.kind, p.id from "job_past_attempt" p
    where ${OF_HISTORY} and (p.kind, p.id) > (h.kind, h.id) and ($9::text is null or p.kind <= $9::text)
    order by p.kind, p.id limit 1) next
  where h.place < $10::int),
page as materialized (
  select k.kind, k.id, sum(k.weight) over (order by k.kind, k.id) - k.weight as weight_before from (
    select kind, id, weight from jobs
    union all
    select h.kind, h.id, 250 from histories h where not exists (select 1 from "job" j where j.kind = h.kind and j.id = h.id)) k
  order by k.kind, k.id limit $10::int)
select k.kind, k.id, j.status, j.outcome, j.claims, j.purged, j.attempts, j.failures, j.crashes, j.max_attempts, j.priority,
  ${digest('j.token')} as token, j.worker, j.progress::numeric::text as progress, j.reason, j.data_hash,
  (${milliseconds('j.started_at')})::text as started_at, (${milliseconds('j.finished_at')})::text as finished_at, (${milliseconds('j.expires_at')})::text as expires_at,
  (j.error is not null)::text as has_error, (j.data is not null)::text as has_data,
  case when j.outcome is distinct from 'succeeded' and not coalesce(h.succeeded, false) then j.data::text end as data,
  coalesce(h.past, '[]')::text as past
from page k
left join lateral (select * from "job" j where j.kind = k.kind and j.id = k.id limit 1) j on true
cross join lateral (
  select bool_or(p.outcome = 'succeeded') as succeeded,
    json_agg(json_build_array(p.claim, p.attempt, ${digest('p.token')}, p.outcome, ${milliseconds('p.started_at')}, ${milliseconds('p.ended_at')},
      p.error is not null) order by p.claim) as past
  from "job_past_attempt" p where p.kind = k.kind and p.id = k.id) h
where k.weight_before < $12::float8
order by k.kind, k.id`;
