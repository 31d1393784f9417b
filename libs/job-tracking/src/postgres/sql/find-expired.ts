import { afterDone } from './columns.js';

/**
 * Jobs whose worker has not been heard of past its lease, and whose earlier steps are done: one that must wait would take the place of those
 * behind it. The expiry stands in no index, so that renewals stay cheap: the jobs in progress are few. $1 kind, $2 at most, $3 the last one that
 * was found or null, $4 kinds that come before
 */
const statement = (also: string) => `
select j.id, j.claims from "job" j
where j.kind = $1::text and j.status = 'in_progress' and j.expires_at < now() and ($3::text is null or j.id > $3::text)${also}
order by j.id limit $2::int`;

export const findExpired = statement('');
export const findExpiredAfter = statement(` and ${afterDone('$4', 'j.id')}`);
