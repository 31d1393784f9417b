import type { Change, JobFilter, JobKey, Standing } from '../protocol/index.js';
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
 * One job: what the statement made of it, or how it stands where the statement did not apply. `applies`: to a job that stands like this it would
 * have. Then the job came to stand so between the two statements, and is asked again: else a job that has failed is told as one that cannot be retried.
 */
export async function change(
  db: Database,
  text: string,
  { kind, id }: JobKey,
  also: readonly unknown[],
  applies: (standing: Standing) => boolean,
): Promise<Change> {
  for (let round = 0; ; round++) {
    const row = (await db.query<JobRow>(text, [kind, id, ...also])).rows[0];
    if (row) return { standing: standingOf(row), changed: true };
    const standing = await standingNow(db, { kind, id });
    if (round === ROUNDS || !applies(standing)) return { standing, changed: false };
  }
}

export function retriable({ job, dueIn }: Standing, rerun: boolean): boolean {
  if (job?.status === 'pending') return dueIn > 0 || job.failures + job.crashes > 0;
  return job?.status === 'failed' || job?.status === 'ignored' || (job?.status === 'succeeded' && rerun);
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

/** Sent again after a lost answer, it finds no job any more: it was there before, so it went by this removal. */
export async function remove(db: Database, key: JobKey): Promise<Change> {
  let before = await standingNow(db, key);
  for (let round = 0; ; round++) {
    const { rows, resent } = await db.query<JobRow>(removeJob, [key.kind, key.id]);
    if (rows[0]) return { standing: standingOf(rows[0]), changed: true };
    const standing = await standingNow(db, key);
    if (resent && before.job && !standing.job) return { standing: before, changed: true };
    if (round === ROUNDS || !standing.job || standing.job.status === 'in_progress') return { standing, changed: false };
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
    changed += bite.changed;
    last = [bite.kind, bite.id];
  }
  return changed;
}

/** How many it were, and the last of them. */
interface Bite extends JobKey {
  changed: number;
}
