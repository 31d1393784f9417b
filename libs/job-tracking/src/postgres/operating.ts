import type { Change, JobFilter, JobKey } from '../protocol/index.js';
import type { Database } from './database.js';
import { conditions } from './filter.js';
import { standingNow } from './registering.js';
import { type JobRow, standingOf } from './row.js';

/** How many rows one statement of a verb over many jobs takes: a lock is held no longer than this needs. */
const BITE = 1_000;

/** One job: what the statement made of it, or how it stands where the statement did not apply. */
export async function change(db: Database, text: string, { kind, id }: JobKey, ...also: unknown[]): Promise<Change> {
  const row = (await db.query<JobRow>(text, [kind, id, ...also])).rows[0];
  return row
    ? { standing: standingOf(row), changed: true }
    : { standing: await standingNow(db, { kind, id }), changed: false };
}

/** Many jobs, bite by bite, until a bite finds none or the query's limit is reached. */
export async function changeMany(db: Database, text: string, filter: JobFilter, ...also: unknown[]): Promise<number> {
  const limit = filter.limit ?? Number.POSITIVE_INFINITY;
  let changed = 0;
  while (changed < limit) {
    const { count } = await db.query(text, [...conditions(filter), Math.min(BITE, limit - changed), ...also]);
    if (count === 0) break;
    changed += count;
  }
  return changed;
}
