import type { JobStatus } from '../job/job.js';
import type { JobKey } from '../job/job-key.js';
import { JobNotFoundError, type JobRefusedError, lostToOthers } from '../job/refusals.js';
import type { Standing } from '../store/job-store.js';
import { refusalOf } from '../store/why-refused.js';

export type OperatorVerb = 'retry' | 'ignore' | 'release' | 'remove';

/** The states that are what the verb makes already, or that it has nothing to take from: the job is answered as it is. */
const NOTHING_TO_DO: Readonly<Record<OperatorVerb, readonly JobStatus[]>> = {
  retry: ['pending'],
  ignore: ['ignored'],
  release: ['pending', 'failed'],
  remove: [],
};

/** The states that the verb changes: a job that stands so and was not changed went through others between each look and each try. */
const CHANGES: Readonly<Record<OperatorVerb, readonly JobStatus[]>> = {
  retry: ['failed', 'ignored'],
  ignore: ['pending', 'failed'],
  release: [],
  remove: ['pending', 'failed', 'succeeded', 'ignored'],
};

/** Why a verb changed nothing; null: there was nothing to change. */
export function operatorRefusal(
  key: JobKey,
  verb: OperatorVerb,
  standing: Standing,
  rerun = false,
): JobRefusedError | null {
  const { job } = standing;
  if (job === null) return new JobNotFoundError(key);
  if (CHANGES[verb].includes(job.status) || (rerun && job.status === 'succeeded')) return lostToOthers(job);
  return NOTHING_TO_DO[verb].includes(job.status) ? null : refusalOf(key, standing);
}
