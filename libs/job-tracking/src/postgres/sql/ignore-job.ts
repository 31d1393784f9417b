import { JOB_COLUMNS } from './columns.js';

/** $1 kind, $2 id, $3 reason */
export const ignoreJob = `
update "job" j set status = 'ignored', reason = $3::text, updated_at = now()
where j.kind = $1::text and j.id = $2::text and j.status in ('pending', 'failed')
returning ${JOB_COLUMNS}`;
