import { JOB_COLUMNS, moment } from './columns.js';
import { MATCHES } from './many.js';

/** $1 kind, $2 id */
export const getJob = `select ${JOB_COLUMNS} from "job" j where j.kind = $1::text and j.id = $2::text`;

/** A page by (updated_at, kind, id). $1 to $6 conditions, $7 at most, $8 $9 $10 the last row before the page or null */
const page = (comparison: '>' | '<', direction: 'asc' | 'desc') => `
select ${JOB_COLUMNS}, to_char(j.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as exact_updated_at from "job" j
where ${MATCHES} and ($8::timestamptz is null or (j.updated_at, j.kind, j.id) ${comparison} ($8::timestamptz, $9::text, $10::text))
order by j.updated_at ${direction}, j.kind ${direction}, j.id ${direction} limit $7::int`;

export const listOldest = page('>', 'asc');
export const listNewest = page('<', 'desc');

/** $1 to $6 conditions, $7 at most or null */
export const countJobs = `select count(*) as jobs from (select 1 from "job" j where ${MATCHES} limit $7::bigint) matching`;

/** $1 kind or null */
export const summariseJobs = `
select j.kind, j.status, count(*) as jobs from "job" j where ($1::text is null or j.kind = $1::text) group by j.kind, j.status order by j.kind`;

/** Attempts that have ended: the last one stands on the job's row. $1 kind, $2 id */
export const listAttempts = `
select a.claim, a.attempt, a.worker, ${moment('a.started_at')} as started_at, ${moment('a.ended_at')} as ended_at, a.outcome, a.error::text as error
from "job_attempt" a
where a.kind = $1::text and a.id = $2::text and a.outcome is not null order by a.claim`;
