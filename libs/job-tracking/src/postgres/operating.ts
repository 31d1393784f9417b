import type { Change, JobFilter, JobKey } from '../protocol/index.js';
import type { Database } from './database.js';
import { conditions } from './filter.js';
import { standingNow } from './registering.js';
import { type JobRow, standingOf } from './row.js';
import { releaseJob } from './sql/release-job.js';
import { removeJob } from './sql/remove-job.js';

/** How many rows one statement of a verb over many jobs takes: a lock is held no longer than this needs. */
const BITE = 1_000;

/** One job: what the statement made of it, or how it stands where the statement did not apply. */
export async function change(db: Database, text: string, { kind, id }: JobKey, ...also: unknown[]): Promise<Change> {
  const row = (await db.query<JobRow>(text, [kind, id, ...also])).rows[0];
  return row
    ? { standing: standingOf(row), changed: true }
    : { standing: await standingNow(db, { kind, id }), changed: false };
}

/** Sent again after a lost answer, it must not take the lease of whoever came next: it names the grant that it found. */
export async function release(db: Database, key: JobKey): Promise<Change> {
  const { job } = await standingNow(db, key);
  return change(db, releaseJob, key, job?.claims ?? 0);
}

/** Sent again after a lost answer, it finds no job any more: it was there before, so it went by this removal. */
export async function remove(db: Database, key: JobKey): Promise<Change> {
  const before = await standingNow(db, key);
  const { rows, resent } = await db.query<JobRow>(removeJob, [key.kind, key.id]);
  if (rows[0]) return { standing: standingOf(rows[0]), changed: true };
  const standing = await standingNow(db, key);
  return resent && before.job && !standing.job ? { standing: before, changed: true } : { standing, changed: false };
}

/**
 * Many jobs, bite by bite, until a bite finds none or the query's limit is reached. A bite whose answer was lost is not sent again: it would
 * take the next ones, past the limit, and nobody could say how many it were.
 */
export async function changeMany(db: Database, text: string, filter: JobFilter, ...also: unknown[]): Promise<number> {
  const limit = filter.limit ?? Number.POSITIVE_INFINITY;
  let changed = 0;
  while (changed < limit) {
    const values = [...conditions(filter), Math.min(BITE, limit - changed), ...also];
    const { count } = await db.query(text, values, { again: false });
    if (count === 0) break;
    changed += count;
  }
  return changed;
}
