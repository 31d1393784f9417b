import { JOB_COLUMNS } from './columns.js';

/**
 * What became of a grant, asked after its outcome found no row: recorded before (the answer was lost), or lost for good.
 * `ended` is the outcome that stands for this token, on the row or in history; null: none. $1 kind, $2 id, $3 token
 */
export const readRecord = `
select ${JOB_COLUMNS},
  coalesce(
    case when j.token = $3::uuid and j.expires_at is null then j.outcome end,
    (select p.outcome from "job_past_attempt" p where p.kind = $1::text and p.id = $2::text and p.token = $3::uuid)) as ended
from (select 1) one left join "job" j on j.kind = $1::text and j.id = $2::text`;
