import type { Claiming, Terms } from './deed.js';
import { counted, type Job, running, snapshotOf, type Tried } from './job.js';
import {
  changed,
  hashOf,
  isOver,
  type Moment,
  missingSteps,
  newJob,
  type Outcome,
  standingOf,
  type World,
} from './world.js';

/** A grant goes to a job that is pending and due, failed (its backoff passed, unless asked early), past its lease, or succeeded where a rerun is asked for. */
export function claimed(world: World, asked: Claiming & { token: string }, { now, contended }: Moment): Outcome[] {
  const { key, given, terms, compare, token, worker } = asked;
  // For a later time: registered first, whatever becomes of the claim.
  const there = given && given.runIn !== null && !world.has(key) ? changed(world, key, newJob(key, given, now)) : world;
  const known = there.get(key);
  const waitsFor = missingSteps(there, key, terms.afterA);
  const mismatch = known !== undefined && compare !== undefined && known.hash !== hashOf(compare);
  const standing = standingOf(known, now, { waitsFor, mismatch });
  const refused: Outcome = { answer: { refused: standing, died: false }, world: there };

  if (known?.tried.some((tried) => tried.token === token)) return sentAgain(there, known, token, refused, now);
  const job = known ?? (given && newJob(key, given, now));
  if (!job || mismatch || waitsFor.length > 0 || !mayRun(job, asked, now)) return [refused];
  const next = dies(job, terms) ? buried(job, terms, now) : grantedTo(job, { token, worker, lease: terms.lease }, now);
  const answer = running(next) ? grantOf(next, running(job) !== null) : { refused: standingOf(next, now), died: true };
  const taken = { answer, world: changed(there, key, next) };
  // Whose statement holds the row of a lease that is over is not waited for.
  return running(job) && contended.has(key) ? [taken, refused] : [taken];
}

/** The same grant, while it holds; what has ended is never granted again. Past its lease, either is true. */
function sentAgain(world: World, job: Job, token: string, refused: Outcome, now: number): Outcome[] {
  const holder = running(job);
  if (holder?.token !== token) return [refused];
  const again = { answer: grantOf(job, false), world };
  return holder.leaseEnd > now ? [again] : [again, refused];
}

function mayRun(job: Job, { rerun, early }: { rerun: boolean; early: boolean }, now: number): boolean {
  if (running(job)) return isOver(job, now);
  if (job.verdict === 'pending') return job.runAt <= now;
  if (job.verdict === 'failed') return early || job.runAt <= now;
  return job.verdict === 'succeeded' && rerun;
}

/** Asked of a job whose lease is over: its worker counts as dead, and that was once too often. */
export function dies(job: Job, { maxCrashes, maxAttempts }: Terms): boolean {
  if (!running(job)) return false;
  const crashes = counted(job, 'crashed') + 1;
  return crashes >= maxCrashes || counted(job, 'failed') + crashes >= (job.bound ?? maxAttempts);
}

export function buried(job: Job, { maxCrashes }: Terms, now: number): Job {
  const crashes = counted(job, 'crashed') + 1;
  const failures = counted(job, 'failed');
  const reason = crashes >= maxCrashes ? `its worker died ${times(crashes)}` : usedUp(failures, crashes);
  const error = { name: 'JobCrashedError', message: reason, fingerprint: 'worker-died' };
  const tried = [...job.tried.slice(0, -1), endOfLast(job, { outcome: 'crashed', at: now, error })];
  return { ...job, tried, verdict: 'ignored', reason, progress: null, changedAt: now };
}

export function grantedTo(job: Job, grant: Pick<Tried, 'token' | 'worker'> & { lease: number }, now: number): Job {
  const { token, worker, lease } = grant;
  const past = running(job)
    ? [...job.tried.slice(0, -1), endOfLast(job, { outcome: 'crashed', at: now, error: null })]
    : job.tried;
  const tried = [...past, { token, worker, startedAt: now, leaseEnd: now + lease, end: null }];
  return { ...job, tried, reason: null, progress: null, changedAt: now };
}

export function endOfLast(job: Job, end: NonNullable<Tried['end']>): Tried {
  return { ...(job.tried.at(-1) as Tried), end };
}

function grantOf(job: Job, tookOver: boolean): unknown {
  return { granted: job.tried.length, tookOver, token: job.tried.at(-1)?.token, job: snapshotOf(job) };
}

/** Why a job is ignored whose attempts are used up. */
export function usedUp(failures: number, crashes: number): string {
  if (crashes === 0) return `failed ${times(failures)}`;
  return `${failures + crashes} attempts used up: ${failures} failed, ${crashes} crashed`;
}

function times(n: number): string {
  return n === 1 ? 'once' : `${n} times`;
}
