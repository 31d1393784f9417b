import type { Change, JobFilter, JobKey, Standing } from '../../protocol/index.js';
import type { Database } from '../sending/database.js';
import { releaseJob } from '../sql/release-job.js';
import { removeJob } from '../sql/remove-job.js';
import { timeTextOrNull, type Whole } from './as-text.js';
import { conditions } from './filter.js';
import { standingNow } from './register.js';
import { type JobRow, standingOf } from './row.js';

/** How many rows one statement of a verb over many jobs takes: a lock is held no longer than this needs. */
const BITE = 1_000;

/** How many jobs are found at once for such a verb: without statistics the database reads all that are left to find the next ones. */
const FOUND = 20 * BITE;

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

/** A verb over many jobs: the statement that finds them, and the one that changes what of them matches still. */
export interface ManyVerb {
  find: string;
  change: string;
  /** Which jobs, beside the filter: parameters of both. */
  choice?: readonly unknown[];
  /** Parameters of the change alone. */
  also?: readonly unknown[];
}

/**
 * Many jobs, in the order of their keys, until none is found or the query's limit is reached: no job is changed twice, whatever becomes of it
 * meanwhile. A bite whose answer was lost is not sent again: nobody could say how many it were.
 */
export async function changeMany(db: Database, filter: JobFilter, verb: ManyVerb): Promise<number> {
  const { find, change, choice = [], also = [] } = verb;
  const limit = filter.limit ?? Number.POSITIVE_INFINITY;
  let changed = 0;
  let last: JobKey | undefined;
  while (changed < limit) {
    const most = Math.min(FOUND, limit - changed);
    const place = [last?.kind ?? null, last?.id ?? null];
    const { rows: found } = await db.query<JobKey>(find, [...conditions(filter), most, ...place, ...choice]);
    last = found.at(-1);
    if (!last) break;
    for (let at = 0; at < found.length; at += BITE) {
      const bite = found.slice(at, at + BITE);
      const keys = [bite.map(({ kind }) => kind), bite.map(({ id }) => id)];
      const values = [...conditions(filter), ...keys, ...choice, ...also];
      const { rows } = await db.query<{ changed: Whole }>(change, values, { again: false });
      changed += Number(rows[0]?.changed ?? 0);
    }
  }
  return changed;
}
