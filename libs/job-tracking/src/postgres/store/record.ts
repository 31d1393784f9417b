import {
  type AttemptOutcome,
  type Ending,
  type Grant,
  InvalidJobError,
  type Standing,
  type Success,
} from '../../protocol/index.js';
import type { Database } from '../sending/database.js';
import { refusesValue } from '../sending/fault.js';
import { readRecord } from '../sql/read-record.js';
import { recordEnding } from '../sql/record-ending.js';
import { recordSuccess } from '../sql/record-success.js';
import { type JobRow, type MaybeJobRow, standingOf } from './row.js';

type RecordRow = MaybeJobRow & { ended: AttemptOutcome | null };

export async function recordSucceeded(db: Database, grant: Grant, { output, data, reason }: Success): Promise<boolean> {
  const { rows } = await db.query(recordSuccess, [...held(grant), output, data ?? null, reason]).catch((cause) => {
    throw refusesValue(cause) ? new InvalidJobError('output', 'the database refused it', { cause }) : cause;
  });
  return rows.length > 0 || (await recordedBefore(db, grant)).ended === 'succeeded';
}

export async function recordEnded(db: Database, grant: Grant, ending: Ending): Promise<Standing | null> {
  const { outcome, error, reason, maxAttempts, delay } = ending;
  const { rows } = await db.query<JobRow>(recordEnding, [...held(grant), outcome, error, reason, maxAttempts, delay]);
  if (rows[0]) return standingOf(rows[0]);
  const row = await recordedBefore(db, grant);
  return row.ended === outcome ? standingOf(row) : null;
}

/** No row was ours to end. Either an earlier sending of the same outcome came through and its answer was lost, or the lease is. */
async function recordedBefore(db: Database, grant: Grant): Promise<RecordRow> {
  return (await db.query<RecordRow>(readRecord, held(grant))).rows[0] as RecordRow;
}

/** The fence of every write of a run. */
export function held({ kind, id, token }: Grant): unknown[] {
  return [kind, id, token];
}
