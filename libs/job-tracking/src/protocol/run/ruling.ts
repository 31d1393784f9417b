import type { FailureRecord } from '../job/job.js';
import type { ErrorVerdict, ResolvedPolicy } from '../job/policy.js';
import { milliseconds } from '../options/duration.js';
import { JobInterruptedError, JobTimeoutError, LeaseLostError } from '../options/errors.js';
import type { Ending } from '../store/job-store.js';
import { type ActiveRun, reasonText, type Verdict } from './active-run.js';
import { backoffDelay } from './backoff.js';

/** What is to be recorded of a run, before it is made storable. `error`: what the caller gets. */
export type Ruling =
  | { outcome: 'succeeded'; value: unknown }
  | { outcome: 'snoozed'; delay: number }
  | { outcome: 'ignored'; reason: string; declared: true }
  | { outcome: 'ignored'; declared: false; error: unknown }
  | { outcome: 'failed'; error: unknown; delay: number }
  | { outcome: 'interrupted' | 'released'; error: unknown };

/** The one place that says what a handler's end means. */
export function rule(run: ActiveRun, verdict: Verdict, policy: ResolvedPolicy): Ruling {
  if (verdict.type === 'snoozed') return { outcome: 'snoozed', delay: verdict.delay };
  if (verdict.type === 'ignored') return { outcome: 'ignored', reason: verdict.reason, declared: true };
  const why: unknown = run.signal.reason;
  const thrown = verdict.type === 'threw' ? verdict.error : undefined;
  // A timeout and an interruption hold whatever the handler made of them: one that returned early may not have done its work.
  if (why instanceof JobTimeoutError) return ruleError(run, blamed(why, thrown), policy);
  if (why instanceof JobInterruptedError) return { outcome: 'interrupted', error: why };
  if (verdict.type === 'returned') return { outcome: 'succeeded', value: verdict.value };
  // Its lease was in doubt, which is not the job's fault. Where the lease is really lost, the store refuses this too.
  if (why instanceof LeaseLostError) return { outcome: 'interrupted', error: why };
  // Its own reader, or a job inside it, was interrupted: that is nobody's failure.
  if (isInterruption(verdict.error)) return { outcome: 'interrupted', error: verdict.error };
  return ruleError(run, verdict.error, policy);
}

/** What is thrown may throw at every touch. */
function isInterruption(error: unknown): boolean {
  try {
    return error instanceof JobInterruptedError;
  } catch {
    return false;
  }
}

function ruleError(run: ActiveRun, error: unknown, policy: ResolvedPolicy): Ruling {
  const verdict = classified(run, error, policy);
  if (verdict === 'ignore') return { outcome: 'ignored', declared: false, error };
  if (verdict === 'release') return { outcome: 'released', error };
  const asked = typeof verdict === 'object' ? retryIn(verdict) : undefined;
  return { outcome: 'failed', error, delay: asked ?? backoffDelay(policy, run.grant.job.failures + 1, error) };
}

/** A classify that throws says nothing. */
function classified(run: ActiveRun, error: unknown, { classify }: ResolvedPolicy): ErrorVerdict {
  try {
    return classify(error, run);
  } catch {
    return undefined;
  }
}

function retryIn(verdict: Exclude<ErrorVerdict, string | undefined>): number | undefined {
  try {
    return milliseconds(verdict.retryIn, 'retryIn');
  } catch {
    return undefined;
  }
}

/** The timeout, with what the handler threw on its account as the cause. */
function blamed(timeout: JobTimeoutError, thrown: unknown): JobTimeoutError {
  return thrown === undefined || thrown === timeout ? timeout : new JobTimeoutError(timeout.message, { cause: thrown });
}

/** What the store is told of an end that is not a success. `failure`: the error as it may be stored; its message is also the reason of an ignored job. */
export function endingOf(
  ruling: Exclude<Ruling, { outcome: 'succeeded' }>,
  policy: ResolvedPolicy,
  failure: FailureRecord | null,
): Ending {
  return {
    outcome: ruling.outcome,
    error: failure === null ? null : JSON.stringify(failure),
    reason: ruling.outcome === 'ignored' ? reasonOf(ruling, failure) : null,
    delay: 'delay' in ruling ? ruling.delay : 0,
    maxAttempts: policy.maxAttempts,
  };
}

function reasonOf(ruling: Extract<Ruling, { outcome: 'ignored' }>, failure: FailureRecord | null): string {
  if (ruling.declared) return ruling.reason;
  return reasonText(failure?.message ?? '') || 'the error was classified as final';
}
