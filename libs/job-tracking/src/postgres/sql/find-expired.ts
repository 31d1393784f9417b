/** Jobs whose worker has not been heard of past its lease. The expiry stands in no index, so that renewals stay cheap: the jobs in progress are few. $1 kind, $2 at most */
export const findExpired = `
select id, claims from "job" where kind = $1::text and status = 'in_progress' and expires_at < now() order by id limit $2::int`;
