import { setTimeout as sleep } from 'node:timers/promises';
import type { AttemptOutcome } from '../job/job.js';
import type { ResolvedPolicy } from '../job/policy.js';
import { JobNotDueError, type JobRefusedError } from '../job/refusals.js';
import { LONGEST_TIMER } from '../options/duration.js';
import { InvalidJobError, LeaseLostError } from '../options/errors.js';
import type { Standing } from '../store/job-store.js';
import { refusalOf } from '../store/why-refused.js';
import { type ActiveRun, leaseLost, reasonText } from './active-run.js';
import { replay, replays } from './claim.js';
import { endingOf, type Ruling } from './ruling.js';
import { type RunOutcome, succeeded } from './run-outcome.js';
import type { Tracking } from './tracking.js';

/** An outcome is not given up while the database comes back: milliseconds, and in any case as long as the lease. */
const PATIENCE = 30_000;
const FIRST_WAIT = 100;
const LONGEST_WAIT = 2_000;

export interface Recorded {
  /** What the caller gets. */
  outcome: RunOutcome<unknown>;
  /** How the attempt ended; null: its lease was lost, and another tells. */
  ended: AttemptOutcome | null;
}

/** Writes what a run came to, and says what its caller gets. */
export async function record(
  tracking: Tracking,
  run: ActiveRun,
  ruling: Ruling,
  policy: ResolvedPolicy,
): Promise<Recorded> {
  const outcome = await (ruling.outcome === 'succeeded'
    ? recordSuccess(tracking, run, ruling.value, policy)
    : recordEnding(tracking, run, ruling, policy));
  return { outcome, ended: outcome.status === 'lost' ? null : ruling.outcome };
}

async function recordSuccess(
  tracking: Tracking,
  run: ActiveRun,
  value: unknown,
  policy: ResolvedPolicy,
): Promise<RunOutcome<unknown>> {
  const { store, events } = tracking;
  const data = await run.staged();
  let { output, reason } = await storable(tracking, run, value);
  const written = await patiently(tracking, run, policy, undefined, async () => {
    try {
      return await store.succeed(run.grant, { output, data, reason });
    } catch (error) {
      if (!(error instanceof InvalidJobError) || output === null) throw error;
      // What our own check let pass, the database refuses. The job has run: its output alone is given up.
      [output, reason] = [null, 'output not kept: the database refused it'];
      return store.succeed(run.grant, { output, data, reason });
    }
  });
  if (written instanceof LeaseLostError) return lost(tracking, run, policy, written);
  events.announce({ type: 'succeeded', ...ofRun(run) });
  if (reason !== null) events.announce({ type: 'output_dropped', ...ofRun(run), reason });
  if (!replays(policy)) return succeeded(value, false);
  return succeeded(await replay(run.kind, output === null ? null : JSON.parse(output)), false);
}

async function recordEnding(
  tracking: Tracking,
  run: ActiveRun,
  ruling: Exclude<Ruling, { outcome: 'succeeded' }>,
  policy: ResolvedPolicy,
): Promise<RunOutcome<unknown>> {
  const { store, events, payloads } = tracking;
  const thrown = 'error' in ruling ? ruling.error : undefined;
  const failure =
    ruling.outcome === 'failed' || (ruling.outcome === 'ignored' && !ruling.declared) ? payloads.failure(thrown) : null;
  const ending = endingOf(ruling, policy, failure);
  const standing = await patiently(tracking, run, policy, thrown, () => store.end(run.grant, ending));
  if (standing instanceof LeaseLostError) return lost(tracking, run, policy, standing);
  const base = ofRun(run);
  const retryIn = ending.delay;
  if (ruling.outcome === 'failed' && failure) events.announce({ type: 'failed', ...base, error: failure, retryIn });
  if (standing.job?.status === 'ignored')
    events.announce({ type: 'ignored', ...base, reason: standing.job.reason ?? '' });
  else if (ruling.outcome === 'snoozed') events.announce({ type: 'snoozed', ...base, retryIn });
  else if (ruling.outcome === 'interrupted' || ruling.outcome === 'released')
    events.announce({ type: ruling.outcome, ...base });
  return {
    ...became(run, standing, ruling),
    redeliver: standing.job?.status === 'ignored' ? false : Math.min(retryIn, LONGEST_TIMER),
  } as RunOutcome<unknown>;
}

function became(
  run: ActiveRun,
  standing: Standing,
  ruling: Exclude<Ruling, { outcome: 'succeeded' }>,
): { status: string; error: unknown } {
  // After snooze and ignore the caller gets what the next caller would get.
  const error = 'error' in ruling ? ruling.error : toldNext(run, standing);
  const { outcome } = ruling;
  if (outcome === 'ignored' || (outcome === 'failed' && standing.job?.status === 'ignored'))
    return { status: 'ignored', error };
  return { status: outcome === 'failed' ? 'failed' : 'pending', error };
}

function toldNext({ grant }: ActiveRun, standing: Standing): JobRefusedError {
  // Also where it was put off by nothing, or its time has come by now.
  if (standing.job?.status === 'pending') return new JobNotDueError(standing.job, standing.dueIn);
  return refusalOf(grant, standing);
}

function lost(tracking: Tracking, run: ActiveRun, policy: ResolvedPolicy, error: LeaseLostError): RunOutcome<unknown> {
  tracking.events.announce({ type: 'lost', ...ofRun(run) });
  return { status: 'lost', error, redeliver: policy.lease };
}

/** The output as JSON text, or why it cannot be kept: that never fails a job that ran. */
async function storable(
  { payloads }: Tracking,
  run: ActiveRun,
  value: unknown,
): Promise<{ output: string | null; reason: string | null }> {
  if (value === undefined) return { output: null, reason: null };
  try {
    return { output: await payloads.json(value, 'output', run.kind), reason: null };
  } catch (error) {
    return {
      output: null,
      reason: reasonText(`output not kept: ${error instanceof Error ? error.message : String(error)}`),
    };
  }
}

/**
 * Writes through trouble of the database's. Answers why the lease is lost where the store says so (false or null), or where the trouble lasts for longer
 * than the lease: then nobody knows whether the outcome was written, and a sending that is still under way may write it. `thrown`: what the handler threw.
 */
async function patiently<T>(
  tracking: Tracking,
  run: ActiveRun,
  { lease }: ResolvedPolicy,
  thrown: unknown,
  write: () => Promise<T>,
): Promise<Exclude<T, false | null> | LeaseLostError> {
  const until = performance.now() + Math.max(PATIENCE, lease);
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    try {
      const written = await write();
      if (written !== false && written !== null) return written as Exclude<T, false | null>;
      return run.signal.reason instanceof LeaseLostError ? run.signal.reason : leaseLost(run.grant, undefined, thrown);
    } catch (error) {
      tracking.events.announce({ type: 'record_delayed', ...ofRun(run), error });
      if (performance.now() + wait > until) {
        const why = 'its outcome could not be recorded in time; it may have been, or may still be';
        const lost = leaseLost(run.grant, why, error);
        run.abort(lost);
        return lost;
      }
      await sleep(wait);
    }
  }
}

/** What every event of a run says of it. */
export function ofRun({ grant, startedAt }: ActiveRun) {
  const { kind, id, worker, job } = grant;
  return {
    kind,
    id,
    worker,
    claim: job.claims,
    attempt: job.attempts,
    duration: Math.round(performance.now() - startedAt),
  };
}
