import { ended, type JobState, type Refusal } from './job-state.js';

export type Changed = { state: JobState; changed: boolean } | { refusal: Refusal };

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
