import type { AttemptOutcome, JobStatus } from '../job/job.js';
import type { NewJob } from '../store/job-store.js';

/**
 * The state machine of a job as pure functions: what every statement of a store does to a row. Times are milliseconds of one clock, the store's,
 * and come in as `now`; payloads are JSON texts. A function that gives null wrote nothing: the token does not hold the job.
 */
export interface JobState {
  status: JobStatus;
  claims: number;
  attempts: number;
  failures: number;
  crashes: number;
  maxAttempts: number | null;
  /** Of the last grant: token, worker and start stay when it has ended, so that a token which was used is known again. */
  token: string | null;
  worker: string | null;
  startedAt: number | null;
  /** Not null: the last grant runs. */
  expiresAt: number | null;
  /** How the last grant ended. */
  outcome: AttemptOutcome | null;
  finishedAt: number | null;
  runAt: number;
  updatedAt: number;
  data: string | null;
  output: string | null;
  checkpoint: string | null;
  /** The last failure's since the last success, also while the next attempt runs. */
  error: string | null;
  /** Why it is ignored, or why the output of its success was not kept; never in another status. */
  reason: string | null;
  progress: { fraction: number; note: string | null; at: number } | null;
}

/** One grant. Of a job: its claims 1 to claims-1 in history without a gap, and number `claims` on the row. */
export interface Attempt {
  claim: number;
  attempt: number;
  token: string;
  worker: string;
  outcome: AttemptOutcome;
  startedAt: number;
  finishedAt: number;
  error: string | null;
}

/** Why a verb changes nothing. */
export type Refusal = 'not_found' | 'locked' | 'succeeded' | 'ignored' | 'not_ready' | 'not_due';

export function registered(job: Pick<NewJob, 'data' | 'runAt' | 'maxAttempts'>, now: number): JobState {
  const counts = { claims: 0, attempts: 0, failures: 0, crashes: 0, maxAttempts: job.maxAttempts };
  const grant = { token: null, worker: null, startedAt: null, expiresAt: null, outcome: null, finishedAt: null };
  const payloads = { data: job.data, output: null, checkpoint: null, error: null, reason: null, progress: null };
  return { status: 'pending', ...counts, ...grant, runAt: job.runAt?.getTime() ?? now, updatedAt: now, ...payloads };
}

/** What consumers take. */
export function isDue(state: JobState, ready: boolean, now: number): boolean {
  if (!ready) return false;
  if (state.expiresAt !== null) return isExpired(state, now);
  return (state.status === 'pending' || state.status === 'failed') && state.runAt <= now;
}

/** Also past its lease, as long as nobody else was granted the job. */
export function isHeld(state: JobState | null, token: string): state is JobState {
  return state !== null && state.token === token && state.expiresAt !== null;
}

/** Only then may another take it. */
export function isExpired(state: JobState, now: number): boolean {
  return state.expiresAt !== null && state.expiresAt < now;
}

/** The last grant has ended. An attempt never ends before it began: its statement may have waited. */
export function ended(state: JobState, outcome: AttemptOutcome, now: number): JobState {
  return { ...state, outcome, finishedAt: Math.max(now, state.startedAt ?? now), expiresAt: null, updatedAt: now };
}

/** The attempt that the row is the record of, as the next claim moves it to history: one that never ended is found dead. null: never claimed. */
export function attemptOf(state: JobState, now: number): Attempt | null {
  const { claims, attempts, token, worker, startedAt, outcome, finishedAt, error } = state;
  if (token === null || worker === null || startedAt === null) return null;
  const givenBack = outcome === 'snoozed' || outcome === 'interrupted' || outcome === 'released';
  return {
    claim: claims,
    attempt: attempts + (givenBack ? 1 : 0),
    token,
    worker,
    outcome: outcome ?? 'crashed',
    startedAt,
    finishedAt: finishedAt ?? Math.max(now, startedAt),
    error: outcome === 'failed' || outcome === 'ignored' || outcome === 'crashed' ? error : null,
  };
}
