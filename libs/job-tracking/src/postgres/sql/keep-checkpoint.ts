/** State for the next attempt. Touches nothing that an index holds. $1 kind, $2 id, $3 token, $4 state */
export const keepCheckpoint = `
update "job" j set checkpoint = $4::jsonb
where j.kind = $1::text and j.id = $2::text and j.token = $3::uuid and j.expires_at is not null
returning j.token`;
