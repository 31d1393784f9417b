import { afterDone, JOB_COLUMNS, sameData } from './columns.js';

/**
 * The first grant of a job that may be missing: registered in the same statement. The data of the first registration stays.
 * $1 kind, $2 id, $3 token, $4 lease ms, $5 worker, $6 compare data?, $7 data hash, $8 data, $9 priority, $10 max attempts, $11 kinds that come before
 */
const statement = (where: string) => `
insert into "job" as j (kind, id, status, claims, attempts, token, worker, started_at, expires_at, data, data_hash, priority, max_attempts)
select $1::text, $2::text, 'in_progress', 1, 1, $3::uuid, $5::text, now(), now() + $4::float8 * interval '1 ms',
  $8::jsonb, $7::text, $9::smallint, $10::int${where}
on conflict (kind, id) do update
set status = 'in_progress', claims = 1, attempts = 1, token = excluded.token, worker = excluded.worker,
  started_at = now(), expires_at = excluded.expires_at, updated_at = now()
where j.claims = 0 and j.status = 'pending' and j.run_at <= now() and ${sameData('$6', '$7')}
returning ${JOB_COLUMNS}`;

export const claimOrRegister = statement('');
export const claimOrRegisterAfter = statement(`\nwhere ${afterDone('$11', '$2::text')}`);
