import type { Attempt, JobAttemptSnapshot, JobKey, JobSnapshot, JobState, Standing } from '../protocol/index.js';
import { attemptOf } from '../protocol/index.js';

/** A job's row and its history. Payloads stay JSON texts, so that no snapshot shares an object with another. */
export interface JobRow extends JobKey {
  state: JobState;
  dataHash: string | null;
  priority: number;
  createdAt: number;
  past: Attempt[];
}

export function snapshotOf({ kind, id, state, priority, createdAt }: JobRow): JobSnapshot {
  const { worker, expiresAt, progress } = state;
  return {
    kind,
    id,
    status: state.status,
    data: parsed(state.data),
    output: parsed(state.output),
    checkpoint: parsed(state.checkpoint),
    error: parsed(state.error),
    reason: state.reason,
    progress: progress && { fraction: progress.fraction, note: progress.note, at: new Date(progress.at) },
    claims: state.claims,
    attempts: state.attempts,
    failures: state.failures,
    crashes: state.crashes,
    maxAttempts: state.maxAttempts,
    priority,
    lease:
      expiresAt === null || worker === null ? null : { claim: state.claims, worker, expiresAt: new Date(expiresAt) },
    runAt: new Date(state.runAt),
    createdAt: new Date(createdAt),
    updatedAt: new Date(state.updatedAt),
    startedAt: dateOf(state.startedAt),
    finishedAt: dateOf(state.finishedAt),
  };
}

export function standingOf(
  row: JobRow | undefined,
  now: number,
  also: Partial<Pick<Standing, 'waitsFor' | 'mismatch'>> = {},
): Standing {
  const until = (time: number | null | undefined) => Math.max(0, (time ?? now) - now);
  const job = row ? snapshotOf(row) : null;
  return {
    job,
    expiresIn: until(row?.state.expiresAt),
    dueIn: until(row?.state.runAt),
    waitsFor: [],
    mismatch: false,
    ...also,
  };
}

/** Ended attempts, oldest first: a running one stands on the row only. */
export function attemptsOf({ state, past }: JobRow, now: number): JobAttemptSnapshot[] {
  const last = state.outcome === null ? null : attemptOf(state, now);
  return [...past, ...(last ? [last] : [])].map(
    ({ claim, attempt, worker, startedAt, finishedAt, outcome, error }) => ({
      claim,
      attempt,
      worker,
      startedAt: new Date(startedAt),
      endedAt: new Date(finishedAt),
      outcome,
      error: parsed(error),
    }),
  );
}

function parsed<T>(json: string | null): T {
  return json === null ? (null as T) : (JSON.parse(json) as T);
}

function dateOf(time: number | null): Date | null {
  return time === null ? null : new Date(time);
}
