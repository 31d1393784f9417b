import { JOB_COLUMNS } from './columns.js';

/**
 * How a job stands, read after a statement that waited for its row: the same statement would show the wrong holder in most races.
 * $1 kind, $2 id, $3 token of the claim, $4 compare data?, $5 data hash, $6 kinds that come before
 */
export const readStanding = `
select ${JOB_COLUMNS},
  coalesce(j.token = $3::uuid and j.expires_at > now(), false)::text as granted,
  coalesce(j.expires_at < now(), false)::text as expired,
  (coalesce(j.token = $3::uuid, false)
    or exists (select 1 from "job_past_attempt" p where p.kind = $1::text and p.id = $2::text and p.token = $3::uuid))::text as used,
  coalesce($4::bool and j.data_hash is distinct from $5::text and j.kind is not null, false)::text as mismatch,
  to_json(array(select step.kind from unnest($6::text[]) step(kind)
    where not exists (select 1 from "job" p where p.kind = step.kind and p.id = $2::text and p.status = 'succeeded')))::text as waits_for
from (select 1) one left join "job" j on j.kind = $1::text and j.id = $2::text`;
