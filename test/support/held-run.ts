import type { CallPolicy, JobRef, JobRun, JobSpec, JobTrackerService, RunOutcome } from 'nestjs-job-tracking';

/** A run whose handler has been entered and waits to be told how to end. */
export interface HeldRun {
  run: JobRun;
  /** The handler returns this; resolves when the outcome is recorded. */
  succeed(output?: unknown): Promise<RunOutcome<unknown>>;
  /** The handler throws this. */
  fail(error: unknown): Promise<RunOutcome<unknown>>;
}

/** Throws when the job is refused. */
export async function holdRun(
  tracker: JobTrackerService,
  job: JobRef<string> | JobSpec<string>,
  policy?: CallPolicy,
): Promise<HeldRun> {
  const entered = Promise.withResolvers<JobRun>();
  const end = Promise.withResolvers<unknown>();
  const work = (run: JobRun) => {
    entered.resolve(run);
    return end.promise;
  };
  const outcome = tracker.settle(job, work, policy);
  outcome.then((early) => entered.reject(early.status === 'succeeded' ? early : early.error), entered.reject);
  const run = await entered.promise;
  return {
    run,
    succeed: (output) => {
      end.resolve(output);
      return outcome;
    },
    fail: (error) => {
      end.reject(error);
      return outcome;
    },
  };
}
