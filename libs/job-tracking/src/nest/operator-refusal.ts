import {
  type JobKey,
  JobNotFoundError,
  type JobRefusedError,
  type JobStatus,
  refusalOf,
  type Standing,
} from '../protocol/index.js';

export type OperatorVerb = 'retry' | 'ignore' | 'release' | 'remove';

/** The states that are what the verb makes already, or that it has nothing to take from: the job is answered as it is. */
const NOTHING_TO_DO: Readonly<Record<OperatorVerb, readonly JobStatus[]>> = {
  retry: ['pending'],
  ignore: ['ignored'],
  release: ['pending', 'failed'],
  remove: [],
};

/** Why a verb changed nothing; null: there was nothing to change. */
export function operatorRefusal(key: JobKey, verb: OperatorVerb, standing: Standing): JobRefusedError | null {
  if (standing.job === null) return new JobNotFoundError(key);
  return NOTHING_TO_DO[verb].includes(standing.job.status) ? null : refusalOf(key, standing);
}
