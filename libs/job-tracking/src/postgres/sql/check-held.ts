/** $1 kind, $2 id, $3 token */
export const checkHeld = `
select 1 from "job" j where j.kind = $1::text and j.id = $2::text and j.token = $3::uuid and j.expires_at is not null`;
