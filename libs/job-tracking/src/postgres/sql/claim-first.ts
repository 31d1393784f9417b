import { afterDone, JOB_COLUMNS, sameData } from './columns.js';

/**
 * The first grant of a job that is known: one plain UPDATE, which waits for a row that another holds and looks again.
 * $1 kind, $2 id, $3 token, $4 lease ms, $5 worker, $6 compare data?, $7 data hash, $8 kinds that come before
 */
const statement = (also: string) => `
update "job" j
set status = 'in_progress', claims = 1, attempts = 1, token = $3::uuid, worker = $5::text,
  started_at = now(), expires_at = now() + $4::float8 * interval '1 ms', updated_at = now()
where j.kind = $1::text and j.id = $2::text and j.claims = 0 and j.status = 'pending' and j.run_at <= now()
  and ${sameData('$6', '$7')}${also}
returning ${JOB_COLUMNS}`;

export const claimFirst = statement('');
export const claimFirstAfter = statement(` and ${afterDone('$8', '$2::text')}`);
