import { type JobSnapshot, JobStatus, type JobTrackerService } from 'nestjs-job-tracking';
import { STEPS } from './kinds.js';

export interface StepStanding {
  step: string;
  id: string;
  /** undefined: not registered yet. */
  job: JobSnapshot | undefined;
  /** The earlier step that is ignored, so that this one is never due; undefined where there is none. */
  blockedBy: string | undefined;
}

/** How far the audit is: every step of every package, at one look. */
export class AuditStanding {
  constructor(readonly steps: readonly StepStanding[]) {}

  static async of(tracker: JobTrackerService, ids: readonly string[]): Promise<AuditStanding> {
    const found = await Promise.all(STEPS.map((kind) => jobsOf(tracker, kind.kind, ids)));
    return new AuditStanding(ids.flatMap((id) => standingOf(id, found)));
  }

  where(status: JobStatus, step?: string): StepStanding[] {
    return this.steps.filter(({ job, ...at }) => job?.status === status && (step ?? at.step) === at.step);
  }

  blocked(step?: string): StepStanding[] {
    return this.steps.filter((at) => at.blockedBy !== undefined && (step ?? at.step) === at.step);
  }

  /** What has not come to its end: waiting, running, failed and to be tried again. */
  get open(): StepStanding[] {
    return this.steps.filter((at) => !isSettled(at));
  }

  /** 0 to 1. */
  get done(): number {
    return this.steps.length === 0 ? 1 : 1 - this.open.length / this.steps.length;
  }
}

function isSettled({ job, blockedBy }: StepStanding): boolean {
  return hasEnded(job) || blockedBy !== undefined;
}

function hasEnded(job: JobSnapshot | undefined): boolean {
  return job?.status === JobStatus.succeeded || job?.status === JobStatus.ignored;
}

async function jobsOf(
  tracker: JobTrackerService,
  kind: string,
  ids: readonly string[],
): Promise<Map<string, JobSnapshot>> {
  const { items } = await tracker.list({ kind, ids, limit: Math.max(ids.length, 1) });
  return new Map(items.map((job) => [job.id, job]));
}

/** A step waits for the one before it alone: behind a step that has succeeded nothing is blocked. */
function standingOf(id: string, found: readonly Map<string, JobSnapshot>[]): StepStanding[] {
  let ignored: string | undefined;
  return STEPS.map(({ kind: step }, place) => {
    const job = found[place]?.get(id);
    const blockedBy = hasEnded(job) ? undefined : ignored;
    if (hasEnded(job)) ignored = job?.status === JobStatus.ignored ? step : undefined;
    return { step, id, job, blockedBy };
  });
}
