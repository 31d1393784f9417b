/**
 * A bounded set of new jobs. Rows that exist are passed over before they are touched: `do nothing` waits for an uncommitted write of the same key.
 * Of a key that the set holds twice, the first one stays. The arrays hide behind sub-selects: a planner that knows their length hashes the whole table.
 * $1 kinds, $2 ids, $3 data, $4 data hashes, $5 run at, $6 priorities, $7 max attempts
 */
export const registerSet = `
with v as (
  select * from unnest((select $1::text[]), (select $2::text[]), (select $3::text[]), (select $4::text[]),
    (select $5::timestamptz[]), (select $6::smallint[]), (select $7::int[]))
    with ordinality v(kind, id, data, data_hash, run_at, priority, max_attempts, place)),
registered as (
  insert into "job" (kind, id, data, data_hash, run_at, priority, max_attempts)
  select v.kind, v.id, v.data::jsonb, v.data_hash, coalesce(v.run_at, now()), v.priority, v.max_attempts from v
  where not exists (select 1 from "job" j where j.kind = v.kind and j.id = v.id)
  order by v.kind, v.id, v.place
  on conflict (kind, id) do nothing
  returning 1)
select count(*)::int as registered from registered`;
