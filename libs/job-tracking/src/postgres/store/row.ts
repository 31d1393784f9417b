import type {
  AttemptOutcome,
  FailureRecord,
  JobAttemptSnapshot,
  JobSnapshot,
  JobStatus,
  Standing,
} from '../../protocol/index.js';
import { dateOf, dateOrNull, jsonOf, type Whole } from './as-text.js';

/** A row as `JOB_COLUMNS` writes it: times in milliseconds, JSON, fractions and spans as texts. */
export interface JobRow {
  kind: string;
  id: string;
  status: JobStatus;
  outcome: AttemptOutcome | null;
  claims: Whole;
  attempts: Whole;
  failures: Whole;
  crashes: Whole;
  max_attempts: Whole | null;
  priority: Whole;
  run_at: string;
  created_at: string;
  updated_at: string;
  started_at: string | null;
  finished_at: string | null;
  expires_at: string | null;
  worker: string | null;
  token: string | null;
  progress: string | null;
  progress_note: string | null;
  progress_at: string | null;
  reason: string | null;
  error: string | null;
  checkpoint: string | null;
  output: string | null;
  data: string | null;
  expires_in: string;
  due_in: string;
}

/** As `readStanding` and `readRecord` answer: every column of a job that does not exist is null. */
export type MaybeJobRow = JobRow | { [K in keyof JobRow]: null };

export function snapshotOf(row: JobRow): JobSnapshot {
  const { progress, progress_at: at, worker, expires_at: expiresAt } = row;
  const claims = Number(row.claims);
  return {
    kind: row.kind,
    id: row.id,
    status: row.status,
    data: jsonOf(row.data),
    output: jsonOf(row.output),
    checkpoint: jsonOf(row.checkpoint),
    error: jsonOf<FailureRecord>(row.error),
    reason: row.reason,
    progress:
      progress === null || at === null ? null : { fraction: Number(progress), note: row.progress_note, at: dateOf(at) },
    claims,
    attempts: Number(row.attempts),
    failures: Number(row.failures),
    crashes: Number(row.crashes),
    maxAttempts: row.max_attempts === null ? null : Number(row.max_attempts),
    priority: Number(row.priority),
    lease: expiresAt === null || worker === null ? null : { claim: claims, worker, expiresAt: dateOf(expiresAt) },
    runAt: dateOf(row.run_at),
    createdAt: dateOf(row.created_at),
    updatedAt: dateOf(row.updated_at),
    startedAt: dateOrNull(row.started_at),
    finishedAt: dateOrNull(row.finished_at),
  };
}

export function standingOf(row: MaybeJobRow, also: Partial<Pick<Standing, 'waitsFor' | 'mismatch'>> = {}): Standing {
  const job = exists(row) ? snapshotOf(row) : null;
  return { job, expiresIn: Number(row.expires_in), dueIn: Number(row.due_in), waitsFor: [], mismatch: false, ...also };
}

export function exists(row: MaybeJobRow): row is JobRow {
  return row.kind !== null;
}

export interface AttemptRow {
  claim: Whole;
  attempt: Whole;
  worker: string;
  started_at: string;
  ended_at: string;
  outcome: AttemptOutcome;
  error: string | null;
}

export function attemptOf(row: AttemptRow): JobAttemptSnapshot {
  return {
    claim: Number(row.claim),
    attempt: Number(row.attempt),
    worker: row.worker,
    startedAt: dateOf(row.started_at),
    endedAt: dateOf(row.ended_at),
    outcome: row.outcome,
    error: jsonOf<FailureRecord>(row.error),
  };
}
