import type { JobFilter, JobKey, JobRecord, RecordedAttempt } from '../protocol/index.js';
import type { Database } from './database.js';
import { conditions } from './filter.js';
import { readRecords } from './sql/read-records.js';

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

/** As `readRecords` answers: bigint comes as text; of history without a job every column of the row is null. */
interface RecordRow extends JobKey {
  status: string | null;
  outcome: string | null;
  claims: string;
  purged: string;
  attempts: number;
  failures: number;
  crashes: number;
  max_attempts: number | null;
  priority: number;
  token: string | null;
  worker: string | null;
  progress: number | null;
  reason: string | null;
  data_hash: string | null;
  started_at: number | null;
  finished_at: number | null;
  expires_at: number | null;
  has_error: boolean;
  has_data: boolean;
  data: string | null;
  past: PastRow[];
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

function recordOf({ kind, id, status, past, ...row }: RecordRow): JobRecord {
  if (status === null) return { kind, id, row: null, past: past.map(attemptOf) };
  return {
    kind,
    id,
    past: past.map(attemptOf),
    row: {
      status,
      outcome: row.outcome,
      claims: Number(row.claims),
      purged: Number(row.purged),
      attempts: row.attempts,
      failures: row.failures,
      crashes: row.crashes,
      maxAttempts: row.max_attempts,
      priority: row.priority,
      token: row.token,
      worker: row.worker,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
      expiresAt: row.expires_at,
      progress: row.progress,
      reason: row.reason,
      hasError: row.has_error,
      hasData: row.has_data,
      data: row.data,
      dataHash: row.data_hash,
    },
  };
}

function attemptOf([claim, attempt, token, outcome, startedAt, endedAt, hasError]: PastRow): RecordedAttempt {
  return { claim, attempt, token, outcome, startedAt: Number(startedAt), endedAt: Number(endedAt), hasError };
}
