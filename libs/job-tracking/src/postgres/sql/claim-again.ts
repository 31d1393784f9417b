import { afterDone, JOB_COLUMNS, sameData } from './columns.js';
import { LAST_ATTEMPT, moveToHistory } from './take.js';

/**
 * Any later grant: of a failed job, one that is pending again, a succeeded one (rerun), or one whose lease ran out. The last attempt moves
 * to history in the same statement. A takeover that finds the worker dead once too often makes the job ignored instead of granting it.
 *
 * FOR UPDATE first: taking a job from its holder must wait for a transaction that has checked its lease (FOR KEY SHARE) and is about to commit.
 * A claim that waited began before its predecessor's end, and a clock may step back: greatest(now(), finished_at, started_at).
 * It names the last claim that it found. Sent again, it may arrive when what an earlier sending of it was granted has ended, and other grants too:
 * claims only grow, so it grants nothing any more.
 *
 * $1 kind, $2 id, $3 token, $4 lease ms, $5 worker, $6 compare data?, $7 data hash, $8 rerun, $9 max crashes, $10 the policy's max attempts,
 * $11 the last claim, $12 before a backoff has passed, $13 kinds that come before
 */
const statement = (also: string, lock: string) => `
with due as materialized (
  select ${LAST_ATTEMPT},
    j.status = 'in_progress' and (j.crashes + 1 >= $9::int or j.failures + j.crashes + 1 >= coalesce(j.max_attempts, $10::int)) as dies,
    case when j.crashes + 1 >= $9::int then 'its worker died ' || case j.crashes when 0 then 'once' else j.crashes + 1 || ' times' end
      else j.failures + j.crashes + 1 || ' attempts used up: ' || j.failures || ' failed, ' || j.crashes + 1 || ' crashed' end as death
  from "job" j
  where j.kind = $1::text and j.id = $2::text and j.claims = $11::bigint
    and ((j.status = 'failed' and (j.run_at <= now() or $12::bool)) or (j.status = 'pending' and j.run_at <= now()) or (j.status = 'succeeded' and $8::bool) or j.expires_at < now())
    and ${sameData('$6', '$7')}${also}
  for update of j${lock}),
past as (${moveToHistory('claims > 0 and not dies')}),
taken as (
  update "job" j
  set status = case when d.dies then 'ignored' else 'in_progress' end,
    outcome = case when d.dies then 'crashed' end,
    finished_at = case when d.dies then greatest(now(), d.started_at) end,
    claims = j.claims + case when d.dies then 0 else 1 end,
    attempts = j.attempts + case when d.dies then 0 else 1 end,
    crashes = j.crashes + case when d.status = 'in_progress' then 1 else 0 end,
    token = case when d.dies then j.token else $3::uuid end,
    worker = case when d.dies then j.worker else $5::text end,
    started_at = case when d.dies then j.started_at else greatest(now(), d.finished_at, d.started_at) end,
    expires_at = case when d.dies then null else now() + $4::float8 * interval '1 ms' end,
    reason = case when d.dies then d.death end,
    error = case when d.dies then jsonb_build_object('name', 'JobCrashedError', 'message', d.death, 'fingerprint', 'worker-died') else j.error end,
    progress = null, progress_note = null, progress_at = null, updated_at = now()
  from due d where j.kind = d.kind and j.id = d.id
  returning ${JOB_COLUMNS}, (d.status = 'in_progress')::text as took_over)
select * from taken`;

const after = ` and ${afterDone('$13', '$2::text')}`;

/** Waits for a row that another holds, then looks again: for jobs that nobody should hold. */
export const claimAgain = statement('', '');
export const claimAgainAfter = statement(after, '');
/** Passes over a row that another holds: for an expired lease, whose holder may be committing a fenced transaction. */
export const takeOver = statement('', ' skip locked');
export const takeOverAfter = statement(after, ' skip locked');
