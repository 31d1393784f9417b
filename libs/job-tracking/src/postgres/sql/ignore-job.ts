import { JOB_COLUMNS, unchangedSince } from './columns.js';

/** $1 kind, $2 id, $3 reason, $4 when it had changed last, as it was found */
export const ignoreJob = `
update "job" j set status = 'ignored', reason = $3::text, updated_at = now()
where j.kind = $1::text and j.id = $2::text and j.status in ('pending', 'failed')
  and ${unchangedSince('$4')}
returning ${JOB_COLUMNS}`;
