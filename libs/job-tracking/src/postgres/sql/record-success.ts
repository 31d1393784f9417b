/**
 * The one end that is on everybody's way: a text of its own, without CASE, is as fast as a bare update.
 * $1 kind, $2 id, $3 token, $4 output, $5 staged data or null, $6 why the output was not kept
 */
export const recordSuccess = `
update "job" j
set status = 'succeeded', outcome = 'succeeded', finished_at = greatest(now(), j.started_at), expires_at = null, updated_at = now(),
  output = $4::jsonb, data = coalesce($5::jsonb, j.data), error = null, reason = $6::text, checkpoint = null, failures = 0, crashes = 0
where j.kind = $1::text and j.id = $2::text and j.token = $3::uuid and j.expires_at is not null
returning j.token`;
