import type { JobKey } from '../job/job-key.js';
import { JobNotFoundError, type JobRefusedError, lostToOthers } from '../job/refusals.js';
import { OPERATOR_VERBS, type OperatorVerb } from '../state/operator-verbs.js';
import type { Standing } from '../store/job-store.js';
import { refusalOf } from '../store/why-refused.js';

/** Why a verb changed nothing; null: there was nothing to change. */
export function operatorRefusal(
  key: JobKey,
  verb: OperatorVerb,
  standing: Standing,
  rerun = false,
): JobRefusedError | null {
  const { job } = standing;
  const { from, done } = OPERATOR_VERBS[verb];
  if (job === null) return new JobNotFoundError(key);
  if (done.includes(job.status)) return null;
  if (job.status === 'in_progress') return refusalOf(key, standing);
  // The verb would change it as it stands now: it went through other states between each look and each try.
  if (from.includes(job.status) || (rerun && job.status === 'succeeded')) return lostToOthers(job);
  return refusalOf(key, standing);
}
