import { JOB_COLUMNS } from './columns.js';

/** Grants whose answer was lost: made by a statement that came through after all. $1 kind, $2 tokens */
export const findGranted = `
select ${JOB_COLUMNS}, 'false' as took_over from "job" j
where j.kind = $1::text and j.status = 'in_progress' and j.token = any($2::uuid[]) and j.expires_at > now()`;
