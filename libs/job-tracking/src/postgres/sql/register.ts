import { JOB_COLUMNS } from './columns.js';

/** $1 kind, $2 id, $3 data, $4 data hash, $5 run at or null (now), $6 priority, $7 max attempts */
export const register = `
insert into "job" as j (kind, id, data, data_hash, run_at, priority, max_attempts)
values ($1::text, $2::text, $3::jsonb, $4::text, coalesce($5::timestamptz, now()), $6::smallint, $7::int)
on conflict (kind, id) do nothing
returning ${JOB_COLUMNS}`;
