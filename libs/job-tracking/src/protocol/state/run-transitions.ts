import type { FailureRecord } from '../job/job.js';
import type { ClaimRequest, Ending, Renewal, Success } from '../store/job-store.js';
import { type Attempt, attemptOf, ended, isExpired, isHeld, type JobState, type Refusal } from './job-state.js';

export type Claim = Pick<
  ClaimRequest,
  'token' | 'worker' | 'lease' | 'maxAttempts' | 'maxCrashes' | 'rerun' | 'early'
> & {
  /** The kinds of its `after` have succeeded. */
  ready: boolean;
};

export type Claimed =
  | { answer: 'granted'; state: JobState; past: Attempt | null; tookOver: boolean }
  /** The answer to this very token was lost: it holds the job still, nothing changed. */
  | { answer: 'held' }
  /** The last holder is found dead once too often: the job is ignored now. */
  | { answer: 'died'; state: JobState }
  /** What this very token was granted has ended meanwhile; it is never granted again. */
  | { answer: 'used' }
  | { answer: 'refused'; refusal: Refusal };

export type Changed = { state: JobState; changed: boolean } | { refusal: Refusal };

/**
 * First, again, or a takeover: a job that waits and is due, failed, past its lease, or succeeded when a rerun is asked for. Registering with the
 * claim is `claim(state ?? registered(job, now), …)`. Of used tokens only the row's is known here: a store refuses those in history, too.
 */
export function claim(state: JobState | null, asked: Claim, now: number): Claimed {
  if (state?.token === asked.token) return { answer: isHeld(state, asked.token) ? 'held' : 'used' };
  const refusal = refusalOf(state, asked, now);
  if (refusal !== null || state === null) return { answer: 'refused', refusal: refusal ?? 'not_found' };
  const tookOver = state.expiresAt !== null;
  if (tookOver && diesNow(state, asked)) return { answer: 'died', state: died(state, asked, now) };
  const granted: JobState = {
    ...state,
    status: 'in_progress',
    claims: state.claims + 1,
    attempts: state.attempts + 1,
    crashes: state.crashes + (tookOver ? 1 : 0),
    token: asked.token,
    worker: asked.worker,
    // The statement may have waited for the row: an attempt never starts before its predecessor's end.
    startedAt: Math.max(now, state.finishedAt ?? state.startedAt ?? now),
    expiresAt: now + asked.lease,
    outcome: null,
    finishedAt: null,
    updatedAt: now,
    reason: null,
    progress: null,
  };
  return { answer: 'granted', state: granted, past: attemptOf(state, now), tookOver };
}

/** What a claim is refused with; null: it is granted, or finds its holder dead. A failed job that backs off is granted to an explicit call (`early`). */
export function refusalOf(
  state: JobState | null,
  { ready, rerun, early }: Pick<Claim, 'ready' | 'rerun' | 'early'>,
  now: number,
): Refusal | null {
  if (state === null) return 'not_found';
  if (state.expiresAt !== null && !isExpired(state, now)) return 'locked';
  if (state.status === 'succeeded' && !rerun) return 'succeeded';
  if (state.status === 'ignored') return 'ignored';
  if ((state.status === 'pending' || (state.status === 'failed' && !early)) && state.runAt > now) return 'not_due';
  return ready ? null : 'not_ready';
}

export function renew(
  state: JobState | null,
  token: string,
  { lease, progress }: Renewal,
  now: number,
): JobState | null {
  if (!isHeld(state, token)) return null;
  const expiresAt = Math.max(state.expiresAt ?? 0, now + lease);
  return { ...state, expiresAt, progress: progress ? { ...progress, at: now } : state.progress };
}

export function checkpoint(state: JobState | null, token: string, text: string): JobState | null {
  return isHeld(state, token) ? { ...state, checkpoint: text } : null;
}

/** Clears what the job had against it, never how often it was claimed or charged. */
export function succeed(
  state: JobState | null,
  token: string,
  { output, data, reason }: Success,
  now: number,
): JobState | null {
  if (!isHeld(state, token)) return null;
  const cleared = { failures: 0, crashes: 0, error: null, checkpoint: null };
  return {
    ...ended(state, 'succeeded', now),
    status: 'succeeded',
    ...cleared,
    output,
    reason,
    data: data ?? state.data,
  };
}

/** Any other end of a run. */
export function end(state: JobState | null, token: string, ending: Ending, now: number): JobState | null {
  if (!isHeld(state, token)) return null;
  const { outcome, error, reason, delay } = ending;
  const next = { ...ended(state, outcome, now), runAt: now + delay };
  if (outcome === 'ignored') return { ...next, status: 'ignored', error, reason };
  if (outcome !== 'failed') return { ...next, status: 'pending', attempts: state.attempts - 1 };
  const failures = state.failures + 1;
  const usedUp = failures + state.crashes >= (state.maxAttempts ?? ending.maxAttempts);
  return {
    ...next,
    status: usedUp ? 'ignored' : 'failed',
    failures,
    error,
    reason: usedUp ? usedUpReason({ ...state, failures }) : null,
  };
}

/** The error of a job whose worker died once too often; `message` is also the reason why it is ignored. */
export function crashRecord(message: string): FailureRecord {
  return { name: 'JobCrashedError', message, fingerprint: 'worker-died' };
}

/** The row stays the record of the dead attempt. */
function died(state: JobState, { maxCrashes }: Claim, now: number): JobState {
  const crashes = state.crashes + 1;
  const reason = deathReason({ failures: state.failures, crashes }, maxCrashes);
  const error = JSON.stringify(crashRecord(reason));
  return { ...ended(state, 'crashed', now), status: 'ignored', crashes, error, reason, progress: null };
}

function diesNow(state: JobState, { maxCrashes, maxAttempts }: Claim): boolean {
  return state.crashes + 1 >= maxCrashes || state.failures + state.crashes + 1 >= (state.maxAttempts ?? maxAttempts);
}

type Counts = Pick<JobState, 'failures' | 'crashes'>;

function deathReason({ failures, crashes }: Counts, maxCrashes: number): string {
  return crashes >= maxCrashes ? `its worker died ${times(crashes)}` : usedUpReason({ failures, crashes });
}

function usedUpReason({ failures, crashes }: Counts): string {
  if (crashes === 0) return `failed ${times(failures)}`;
  return `${failures + crashes} attempts used up: ${failures} failed, ${crashes} crashed`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
