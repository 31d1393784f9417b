import { until } from './columns.js';

/**
 * Moves the lease's end, and nothing that an index holds. greatest(): a renewal that waited must not shorten what a later one promised.
 * $1 kind, $2 id, $3 token, $4 lease ms, $5 progress or null, $6 its note
 */
export const renew = `
update "job" j
set expires_at = greatest(j.expires_at, now() + $4::float8 * interval '1 ms'),
  progress = coalesce($5::real, j.progress),
  progress_note = case when $5::real is null then j.progress_note else $6::text end,
  progress_at = case when $5::real is null then j.progress_at else now() end
where j.kind = $1::text and j.id = $2::text and j.token = $3::uuid and j.expires_at is not null
returning (${until('j.expires_at')})::text as left`;
