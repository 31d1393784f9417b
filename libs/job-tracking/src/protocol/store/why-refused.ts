import type { JobKey } from '../job/job-key.js';
import type { JobRefusedError } from '../job/refusals.js';
import {
  JobAlreadySucceededError,
  JobIgnoredError,
  JobLockedError,
  JobMismatchError,
  JobNotDueError,
  JobNotFoundError,
  JobNotReadyError,
  lostToOthers,
} from '../job/refusals.js';
import type { ClaimRequest, Standing } from './job-store.js';

/** A job, and what its claim asked for. */
export type Asked = JobKey & Partial<Pick<ClaimRequest, 'rerun' | 'early'>>;

/** Why a job that stands like this was not granted. */
export function refusalOf(asked: Asked, { job, expiresIn, dueIn, waitsFor, mismatch }: Standing): JobRefusedError {
  if (job !== null && mismatch) return new JobMismatchError(job);
  if (job?.status === 'ignored') return new JobIgnoredError(job);
  if (job?.status === 'succeeded' && !asked.rerun) return new JobAlreadySucceededError(job);
  if (job?.status === 'in_progress') return new JobLockedError(job, expiresIn);
  if (job?.status === 'pending' && dueIn > 0) return new JobNotDueError(job, dueIn);
  if (waitsFor.length > 0) return new JobNotReadyError(asked, waitsFor, job);
  if (job === null) return new JobNotFoundError(asked);
  if (job.status === 'failed' && !asked.early && dueIn > 0) return new JobNotDueError(job, dueIn);
  return lostToOthers(job);
}
