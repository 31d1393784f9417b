import type { JobRefusedError } from './errors.js';
import type { JobKey } from './job-key.js';
import type { Standing } from './job-store.js';
import {
  JobAlreadySucceededError,
  JobIgnoredError,
  JobLockedError,
  JobMismatchError,
  JobNotDueError,
  JobNotFoundError,
  JobNotReadyError,
} from './refusals.js';

/** Why a job that stands like this was not granted. */
export function refusalOf(key: JobKey, { job, expiresIn, dueIn, waitsFor, mismatch }: Standing): JobRefusedError {
  if (job !== null && mismatch) return new JobMismatchError(job);
  if (job?.status === 'ignored') return new JobIgnoredError(job);
  if (job?.status === 'succeeded') return new JobAlreadySucceededError(job);
  if (job?.status === 'in_progress') return new JobLockedError(job, expiresIn);
  if (job?.status === 'pending' && dueIn > 0) return new JobNotDueError(job, dueIn);
  if (waitsFor.length > 0) return new JobNotReadyError(key, waitsFor, job);
  if (job === null) return new JobNotFoundError(key);
  // Due when it was read, and gone to others each time it was asked for.
  return new JobNotDueError(job, dueIn);
}
