import { setTimeout as sleep } from 'node:timers/promises';
import type { CallPolicy, JobRun, JobTrackerService } from 'nestjs-job-tracking';
import { type Told, toldOf } from './told.js';

/** Asks for a job, as a broker would: again when the refusal says so, until it is granted or refused for good. */
export async function settlePersistently(
  tracker: JobTrackerService,
  job: { kind: string; id: string },
  work: (run: JobRun) => unknown,
  policy?: CallPolicy,
): Promise<Told> {
  for (;;) {
    let claim: number | null = null;
    const outcome = await tracker.settle(
      job,
      (run) => {
        claim = run.job.claims;
        return work(run);
      },
      policy,
    );
    if (outcome.status !== 'refused' || outcome.redeliver === false) return toldOf(job.id, claim, outcome);
    await sleep(outcome.redeliver);
  }
}
