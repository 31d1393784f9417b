import type { Change, JobFilter, JobKey, Standing } from '../protocol/index.js';
import { timeTextOrNull, type Whole } from './as-text.js';
import type { Database } from './database.js';
import { conditions } from './filter.js';
import { standingNow } from './registering.js';
import { type JobRow, standingOf } from './row.js';
import { releaseJob } from './sql/release-job.js';
import { removeJob } from './sql/remove-job.js';

/** How many rows one statement of a verb over many jobs takes: a lock is held no longer than this needs. */
const BITE = 1_000;

/** Each round follows a change that somebody else made between two statements of ours. */
const ROUNDS = 16;

/**
 * One job: what the statement made of it, or how it stands where the statement does not apply (`applies`). The statement names the job as it was found,
 * so that a late sending of it changes nothing that has become of the job since; a job that somebody else has changed in between is looked at again.
 */
export async function change(
  db: Database,
  text: string,
  { kind, id }: JobKey,
  also: readonly unknown[],
  applies: (standing: Standing) => boolean,
): Promise<Change> {
  let standing = await standingNow(db, { kind, id });
  for (let round = 0; ; round++) {
    if (round === ROUNDS || !applies(standing)) return { standing, changed: false };
    const { rows, resent } = await db.query<JobRow>(text, [kind, id, ...also, timeTextOrNull(standing.job?.updatedAt)]);
    if (rows[0]) return { standing: standingOf(rows[0]), changed: true };
    standing = await standingNow(db, { kind, id });
    // An earlier sending may have come through, and the job gone on from there: it is not done to it twice.
    if (resent && applies(standing)) return { standing, changed: true };
  }
}

export function retriable({ job, dueIn }: Standing, rerun: boolean): boolean {
  if (job?.status === 'pending') return dueIn > 0 || job.failures + job.crashes > 0;
  return job?.status === 'failed' || job?.status === 'ignored' || (job?.status === 'succeeded' && rerun);
}

function removable({ job }: Standing): boolean {
  return job !== null && job.status !== 'in_progress';
}

export function ignorable({ job }: Standing): boolean {
  return job?.status === 'pending' || job?.status === 'failed';
}

/** Sent again after a lost answer, it must not take the lease of whoever came next: it names the grant that it found. */
export async function release(db: Database, { kind, id }: JobKey): Promise<Change> {
  let { job } = await standingNow(db, { kind, id });
  for (let round = 0; ; round++) {
    const { rows, resent } = await db.query<JobRow>(releaseJob, [kind, id, job?.claims ?? 0]);
    if (rows[0]) return { standing: standingOf(rows[0]), changed: true };
    const standing = await standingNow(db, { kind, id });
    if (round === ROUNDS || resent || standing.job?.status !== 'in_progress') return { standing, changed: false };
    ({ job } = standing);
  }
}

/** Sent again after a lost answer, it finds no job any more, or one that was registered since: the one that was there went by this removal. */
export async function remove(db: Database, key: JobKey): Promise<Change> {
  let before = await standingNow(db, key);
  for (let round = 0; ; round++) {
    if (round === ROUNDS || !removable(before)) return { standing: before, changed: false };
    const { rows, resent } = await db.query<JobRow>(removeJob, [
      key.kind,
      key.id,
      before.job?.claims,
      timeTextOrNull(before.job?.updatedAt),
    ]);
    if (rows[0]) return { standing: standingOf(rows[0]), changed: true };
    const standing = await standingNow(db, key);
    const isGone = Number(standing.job?.createdAt) !== Number(before.job?.createdAt);
    if (resent && isGone) return { standing: before, changed: true };
    before = standing;
  }
}

/**
 * Many jobs, bite by bite, until a bite finds none or the query's limit is reached. A bite whose answer was lost is not sent again: it would
 * take the next ones, past the limit, and nobody could say how many it were.
 */
export async function changeMany(db: Database, text: string, filter: JobFilter, ...also: unknown[]): Promise<number> {
  const limit = filter.limit ?? Number.POSITIVE_INFINITY;
  let changed = 0;
  let last: [kind: string, id: string] | [null, null] = [null, null];
  while (changed < limit) {
    const values: unknown[] = [...conditions(filter), Math.min(BITE, limit - changed), ...last, ...also];
    const bite = (await db.query<Bite>(text, values, { again: false })).rows[0];
    if (!bite) break;
    changed += Number(bite.changed);
    last = [bite.kind, bite.id];
  }
  return changed;
}

/** How many it were, and the last of them. */
interface Bite extends JobKey {
  changed: Whole;
}
