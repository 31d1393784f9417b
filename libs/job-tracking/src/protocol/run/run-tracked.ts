import type { JobKind, JobRef, JobRun, JobSpec } from '../job/kind.js';
import { kindValue } from '../job/kind.js';
import type { ResolvedPolicy } from '../job/policy.js';
import { type JobInterruptedError, JobTimeoutError } from '../options/errors.js';
import { readStored } from '../payload/schema.js';
import { specOf } from '../register/new-job.js';
import type { Grant } from '../store/job-store.js';
import { ActiveRun, leaseLost, type Verdict } from './active-run.js';
import { claimed } from './claim.js';
import { asCurrent } from './current-run.js';
import { startHeartbeat } from './heartbeat.js';
import { ofRun, type Recorded, record } from './record.js';
import { rule } from './ruling.js';
import { type RunOutcome, refused, succeeded } from './run-outcome.js';
import type { Tracking } from './tracking.js';

export type Work = (run: JobRun) => unknown;

/** The main path: a job is claimed, run, and recorded. Throws only what says nothing of the job: the database is away, or the input is bad. */
export async function runTracked(
  tracking: Tracking,
  job: JobRef | JobSpec,
  policy: ResolvedPolicy,
  work: Work,
): Promise<RunOutcome<unknown>> {
  return tracking.runs.follow(async () => {
    const claim = await claimed(tracking, job, policy);
    if ('refused' in claim) return refused(claim.refused);
    if ('replayed' in claim) return succeeded(claim.replayed, true);
    return (await runGranted(tracking, claim.grant, kindValue(specOf(job).kind), policy, work)).outcome;
  }, stoppedBefore);
}

/** The app is stopping, and this call has not touched its job. */
function stoppedBefore(error: JobInterruptedError): RunOutcome<unknown> {
  return { status: 'pending', error, redeliver: 0 };
}

/** A granted job, whoever claimed it: run, and recorded. */
export async function runGranted(
  tracking: Tracking,
  grant: Grant,
  kind: JobKind | undefined,
  policy: ResolvedPolicy,
  work: Work,
): Promise<Recorded> {
  const run = new ActiveRun(grant, kind, tracking.store, tracking.payloads);
  announceGrant(tracking, run);
  const heartbeat = keepLease(tracking, run, policy);
  tracking.runs.add(run, heartbeat);
  try {
    const verdict = await performed(tracking, run, policy, work);
    return await record(tracking, run, rule(run, verdict, policy), policy);
  } finally {
    heartbeat.stop();
    tracking.runs.delete(run);
  }
}

/** The handler's call, whatever it does, as a value. No transaction and no connection is held while it runs. */
async function performed(
  tracking: Tracking,
  run: ActiveRun,
  { timeout }: ResolvedPolicy,
  work: Work,
): Promise<Verdict> {
  const late = () => run.abort(new JobTimeoutError(`The run took longer than its timeout of ${timeout} ms`));
  const timer = timeout === null ? undefined : setTimeout(late, timeout).unref();
  try {
    const { data, checkpoint } = run.grant.job;
    const read = { data: await readStored(run.kind?.data, data, 'data'), checkpoint };
    if (checkpoint !== null) read.checkpoint = await readStored(run.kind?.checkpoint, checkpoint, 'checkpoint');
    run.job = { ...run.grant.job, ...read };
    const value = await tracking.store.around(run.grant, async () => asCurrent(tracking, run, () => work(run)));
    await run.staged();
    return run.declared ?? { type: 'returned', value };
  } catch (error) {
    return run.declared ?? { type: 'threw', error };
  } finally {
    clearTimeout(timer);
  }
}

function keepLease({ store, events }: Tracking, run: ActiveRun, { lease }: ResolvedPolicy) {
  const { grant } = run;
  return startHeartbeat({
    lease,
    heldUntil: grant.heldUntil,
    renew: () => store.renew(grant, { lease, progress: run.takeProgress() }),
    lost: (why, cause) => run.abort(leaseLost(grant, why, cause)),
    troubled: (error) => events.announce({ type: 'renewal_failed', ...ofRun(run), error }),
  });
}

function announceGrant({ events }: Tracking, run: ActiveRun): void {
  events.announce({ type: 'claimed', ...ofRun(run) });
  if (run.grant.tookOver) events.announce({ type: 'taken_over', ...ofRun(run), crashes: run.grant.job.crashes });
}
