import type { AttemptOutcome, FailureRecord, JobStatus } from './job.js';
import type { ClaimRequest, Ending, NewJob, Renewal, Success } from './job-store.js';

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

export type Claim = Pick<ClaimRequest, 'token' | 'worker' | 'lease' | 'maxAttempts' | 'maxCrashes' | 'rerun'> & {
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

export function registered(job: Pick<NewJob, 'data' | 'runAt' | 'maxAttempts'>, now: number): JobState {
  const counts = { claims: 0, attempts: 0, failures: 0, crashes: 0, maxAttempts: job.maxAttempts };
  const grant = { token: null, worker: null, startedAt: null, expiresAt: null, outcome: null, finishedAt: null };
  const payloads = { data: job.data, output: null, checkpoint: null, error: null, reason: null, progress: null };
  return { status: 'pending', ...counts, ...grant, runAt: job.runAt?.getTime() ?? now, updatedAt: now, ...payloads };
}

/**
 * First, again, or a takeover: a job that waits and is due, failed, past its lease, or succeeded when a rerun is asked for. Registering with the
 * claim is `claim(state ?? registered(job, now), …)`. Only the row's token is known again, not those in history.
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
    startedAt: Math.max(now, state.finishedAt ?? now),
    expiresAt: now + asked.lease,
    outcome: null,
    finishedAt: null,
    updatedAt: now,
    reason: null,
    progress: null,
  };
  return { answer: 'granted', state: granted, past: attemptOf(state, now), tookOver };
}

/** What a claim is refused with; null: it is granted, or finds its holder dead. A failed job that backs off is granted to an explicit call. */
export function refusalOf(
  state: JobState | null,
  { ready, rerun }: Pick<Claim, 'ready' | 'rerun'>,
  now: number,
): Refusal | null {
  if (state === null) return 'not_found';
  if (state.expiresAt !== null && !isExpired(state, now)) return 'locked';
  if (state.status === 'succeeded' && !rerun) return 'succeeded';
  if (state.status === 'ignored') return 'ignored';
  if (state.status === 'pending' && state.runAt > now) return 'not_due';
  return ready ? null : 'not_ready';
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

/** Due now with clean counts. A pending one that is due already keeps its place. */
export function retry(state: JobState | null, { rerun }: { rerun: boolean }, now: number): Changed {
  if (state === null) return { refusal: 'not_found' };
  if (state.status === 'in_progress') return { refusal: 'locked' };
  if (state.status === 'succeeded' && !rerun) return { refusal: 'succeeded' };
  const waits = state.status === 'pending';
  if (waits && state.runAt <= now && state.failures + state.crashes === 0) return { state, changed: false };
  const runAt = waits ? Math.min(state.runAt, now) : now;
  return {
    state: { ...state, status: 'pending', runAt, failures: 0, crashes: 0, reason: null, updatedAt: now },
    changed: true,
  };
}

export function ignore(state: JobState | null, reason: string, now: number): Changed {
  if (state === null) return { refusal: 'not_found' };
  if (state.status === 'in_progress') return { refusal: 'locked' };
  if (state.status === 'succeeded') return { refusal: 'succeeded' };
  if (state.status === 'ignored') return { state, changed: false };
  return { state: { ...state, status: 'ignored', reason, updatedAt: now }, changed: true };
}

/** Takes the lease away: the run is fenced off, its attempt given back. Nothing to take from a job that waits or has failed. */
export function release(state: JobState | null, now: number): Changed {
  if (state === null) return { refusal: 'not_found' };
  if (state.status === 'succeeded' || state.status === 'ignored') return { refusal: state.status };
  if (state.status !== 'in_progress') return { state, changed: false };
  const released = {
    ...ended(state, 'released', now),
    status: 'pending' as const,
    attempts: state.attempts - 1,
    runAt: now,
  };
  return { state: released, changed: true };
}

/** null: it may go, and its history with it. */
export function removalRefusal(state: JobState | null): Refusal | null {
  if (state === null) return 'not_found';
  return state.status === 'in_progress' ? 'locked' : null;
}

/** The error of a job whose worker died once too often; `message` is also the reason why it is ignored. */
export function crashRecord(message: string): FailureRecord {
  return { name: 'JobCrashedError', message, fingerprint: 'worker-died' };
}

function deathReason({ failures, crashes }: Counts, maxCrashes: number): string {
  return crashes >= maxCrashes ? `its worker died ${times(crashes)}` : usedUpReason({ failures, crashes });
}

function usedUpReason({ failures, crashes }: Counts): string {
  if (crashes === 0) return `failed ${times(failures)}`;
  return `${failures + crashes} attempts used up: ${failures} failed, ${crashes} crashed`;
}

type Counts = Pick<JobState, 'failures' | 'crashes'>;

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function ended(state: JobState, outcome: AttemptOutcome, now: number): JobState {
  return { ...state, outcome, finishedAt: Math.max(now, state.startedAt ?? now), expiresAt: null, updatedAt: now };
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

function isExpired(state: JobState, now: number): boolean {
  return state.expiresAt !== null && state.expiresAt < now;
}
