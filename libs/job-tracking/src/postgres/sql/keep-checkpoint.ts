/**
 * State for the next attempt. Touches nothing that an index holds. A sending that arrives when a later checkpoint stands already, as its answer was
 * lost and it was sent again, must not bring the older state back. $1 kind, $2 id, $3 token, $4 state, $5 its number
 */
export const keepCheckpoint = `
update "job" j
set checkpoint = case when j.checkpoint_no > $5::bigint then j.checkpoint else $4::jsonb end, checkpoint_no = greatest(j.checkpoint_no, $5::bigint)
where j.kind = $1::text and j.id = $2::text and j.token = $3::uuid and j.expires_at is not null
returning j.token`;
