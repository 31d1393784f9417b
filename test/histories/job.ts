import type {
  AttemptOutcome,
  FailureRecord,
  JobAttemptSnapshot,
  JobSnapshot,
  JobStatus,
} from 'nestjs-job-tracking/core';

/**
 * The promise once more, told another way than the code tells it: a job is the list of its attempts, and whatever a row counts is counted from that
 * list. Nothing here is shared with the library. Times are milliseconds.
 */
export interface Job {
  kind: string;
  id: string;
  data: unknown;
  hash: string | null;
  priority: number;
  /** Its own bound of attempts. */
  bound: number | null;
  madeAt: number;
  changedAt: number;
  runAt: number;
  tried: Tried[];
  /** What it is while nobody runs it. */
  verdict: Exclude<JobStatus, 'in_progress'>;
  reason: string | null;
  /** Attempts before this one are not held against it any more: it succeeded since, or was retried. */
  countedFrom: number;
  output: unknown;
  checkpoint: unknown;
  progress: { fraction: number; note: string | null; at: number } | null;
}

export interface Tried {
  token: string;
  worker: string;
  startedAt: number;
  leaseEnd: number;
  /** null: it runs, for all that anybody knows. */
  end: { outcome: AttemptOutcome; at: number; error: FailureRecord | null } | null;
}

const GIVEN_BACK: readonly AttemptOutcome[] = ['snoozed', 'interrupted', 'released'];

export function running(job: Job): Tried | null {
  const last = job.tried.at(-1);
  return last && last.end === null ? last : null;
}

export function statusOf(job: Job): JobStatus {
  return running(job) ? 'in_progress' : job.verdict;
}

/** Attempts that ended so and are held against it. */
export function counted(job: Job, outcome: 'failed' | 'crashed'): number {
  return job.tried.slice(job.countedFrom).filter(({ end }) => end?.outcome === outcome).length;
}

/** As a reader must see it. */
export function snapshotOf(job: Job): JobSnapshot {
  const { kind, id, data, output, checkpoint, reason, priority, progress, tried } = job;
  const [last, holder] = [tried.at(-1), running(job)];
  return {
    kind,
    id,
    status: statusOf(job),
    data,
    output,
    checkpoint,
    error: lastError(job),
    reason,
    progress: progress && { ...progress, at: new Date(progress.at) },
    claims: tried.length,
    attempts: charged(tried),
    failures: counted(job, 'failed'),
    crashes: counted(job, 'crashed'),
    maxAttempts: job.bound,
    priority,
    lease: holder && { claim: tried.length, worker: holder.worker, expiresAt: new Date(holder.leaseEnd) },
    runAt: new Date(job.runAt),
    createdAt: new Date(job.madeAt),
    updatedAt: new Date(job.changedAt),
    startedAt: last ? new Date(last.startedAt) : null,
    finishedAt: last?.end ? new Date(last.end.at) : null,
  };
}

export function attemptsOf({ tried }: Job): JobAttemptSnapshot[] {
  return tried.flatMap(({ worker, startedAt, end }, i) => {
    if (!end) return [];
    const attempt = charged(tried.slice(0, i)) + 1;
    const { outcome, error } = end;
    return [
      { claim: i + 1, attempt, worker, startedAt: new Date(startedAt), endedAt: new Date(end.at), outcome, error },
    ];
  });
}

function charged(tried: readonly Tried[]): number {
  return tried.filter(({ end }) => !end || !GIVEN_BACK.includes(end.outcome)).length;
}

/** Of the last attempt since its success that had an error to leave: failed, ignored by its handler, or dead once too often. */
function lastError({ tried }: Job): FailureRecord | null {
  const since = tried.findLastIndex(({ end }) => end?.outcome === 'succeeded') + 1;
  const left = tried.slice(since).findLast(({ end }) => {
    const { outcome, error } = end ?? {};
    return outcome === 'failed' || outcome === 'ignored' || (outcome === 'crashed' && error !== null);
  });
  return left?.end?.error ?? null;
}
