import type { JobFilter, JobKey, JobRecord, RecordedAttempt } from '../../protocol/index.js';
import type { Database } from '../sending/database.js';
import { readRecords } from '../sql/read-records.js';
import { type Flag, jsonOf, type Whole } from './as-text.js';
import { conditions } from './filter.js';

/** Bytes of a page, about. */
const HEAVY = 8 * 2 ** 20;

export async function recordsOf(
  db: Database,
  filter: JobFilter,
  after: JobKey | null,
  limit: number,
): Promise<JobRecord[]> {
  const { kind, statuses, ids, updatedBefore, updatedAfter, errorFingerprint } = filter;
  const ofRows = [statuses, updatedBefore, updatedAfter, errorFingerprint].some((condition) => condition !== undefined);
  // Ids are looked up one by one; all others are a range of keys, whose first is behind the empty id.
  const matching = conditions({ ...filter, kind: ids === undefined ? undefined : kind });
  const from = after ?? (kind === undefined ? null : { kind, id: '' });
  const range = [from?.kind ?? null, from?.id ?? null, kind ?? null];
  const { rows } = await db.query<RecordRow>(readRecords, [...matching, ...range, limit, !ofRows, HEAVY]);
  return rows.map(recordOf);
}

/** As `readRecords` answers: times in milliseconds to the microsecond; of history without a job every column of the row is null. */
interface RecordRow extends JobKey {
  status: string | null;
  outcome: string | null;
  claims: Whole;
  purged: Whole;
  attempts: Whole;
  failures: Whole;
  crashes: Whole;
  max_attempts: Whole | null;
  priority: Whole;
  token: string | null;
  worker: string | null;
  progress: string | null;
  reason: string | null;
  data_hash: string | null;
  started_at: string | null;
  finished_at: string | null;
  expires_at: string | null;
  has_error: Flag;
  has_data: Flag;
  data: string | null;
  past: string;
}

/** JSON has no infinity: it comes as text. */
type PastRow = [
  claim: number,
  attempt: number,
  token: string,
  outcome: string,
  number | string,
  number | string,
  boolean,
];

function recordOf({ kind, id, status, ...row }: RecordRow): JobRecord {
  const past = (jsonOf<PastRow[]>(row.past) ?? []).map(attemptOf);
  if (status === null) return { kind, id, row: null, past };
  return {
    kind,
    id,
    past,
    row: {
      status,
      outcome: row.outcome,
      claims: Number(row.claims),
      purged: Number(row.purged),
      attempts: Number(row.attempts),
      failures: Number(row.failures),
      crashes: Number(row.crashes),
      maxAttempts: numberOrNull(row.max_attempts),
      priority: Number(row.priority),
      token: row.token,
      worker: row.worker,
      startedAt: numberOrNull(row.started_at),
      finishedAt: numberOrNull(row.finished_at),
      expiresAt: numberOrNull(row.expires_at),
      progress: numberOrNull(row.progress),
      reason: row.reason,
      hasError: row.has_error === 'true',
      hasData: row.has_data === 'true',
      data: row.data,
      dataHash: row.data_hash,
    },
  };
}

function attemptOf([claim, attempt, token, outcome, startedAt, endedAt, hasError]: PastRow): RecordedAttempt {
  return { claim, attempt, token, outcome, startedAt: Number(startedAt), endedAt: Number(endedAt), hasError };
}

function numberOrNull(value: Whole | null): number | null {
  return value === null ? null : Number(value);
}
