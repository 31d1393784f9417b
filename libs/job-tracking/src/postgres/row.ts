import type {
  AttemptOutcome,
  FailureRecord,
  JobAttemptSnapshot,
  JobSnapshot,
  JobStatus,
  Standing,
} from '../protocol/index.js';

/** A row as `JOB_COLUMNS` names it, with `pg`'s own parsers: bigint comes as text, timestamptz as Date, jsonb parsed. */
export interface JobRow {
  kind: string;
  id: string;
  status: JobStatus;
  outcome: AttemptOutcome | null;
  claims: string;
  attempts: number;
  failures: number;
  crashes: number;
  max_attempts: number | null;
  priority: number;
  run_at: Date;
  created_at: Date;
  updated_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  expires_at: Date | null;
  worker: string | null;
  token: string | null;
  progress: number | null;
  progress_note: string | null;
  progress_at: Date | null;
  reason: string | null;
  error: FailureRecord | null;
  checkpoint: unknown;
  output: unknown;
  data: unknown;
  expires_in: number;
  due_in: number;
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
    data: row.data,
    output: row.output,
    checkpoint: row.checkpoint,
    error: row.error,
    reason: row.reason,
    progress: progress === null || at === null ? null : { fraction: progress, note: row.progress_note, at },
    claims,
    attempts: row.attempts,
    failures: row.failures,
    crashes: row.crashes,
    maxAttempts: row.max_attempts,
    priority: row.priority,
    lease: expiresAt === null || worker === null ? null : { claim: claims, worker, expiresAt },
    runAt: row.run_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}

export function standingOf(row: MaybeJobRow, also: Partial<Pick<Standing, 'waitsFor' | 'mismatch'>> = {}): Standing {
  const job = exists(row) ? snapshotOf(row) : null;
  return { job, expiresIn: row.expires_in ?? 0, dueIn: row.due_in ?? 0, waitsFor: [], mismatch: false, ...also };
}

export function exists(row: MaybeJobRow): row is JobRow {
  return row.kind !== null;
}

export interface AttemptRow {
  claim: string;
  attempt: number;
  worker: string;
  started_at: Date;
  ended_at: Date;
  outcome: AttemptOutcome;
  error: FailureRecord | null;
}

export function attemptOf(row: AttemptRow): JobAttemptSnapshot {
  return {
    claim: Number(row.claim),
    attempt: row.attempt,
    worker: row.worker,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    outcome: row.outcome,
    error: row.error,
  };
}
