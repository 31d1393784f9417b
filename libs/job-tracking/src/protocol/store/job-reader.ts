import type { JobAttemptSnapshot, JobStatus } from '../job/job.js';
import type { JobKey } from '../job/job-key.js';
import type { JobSnapshot } from '../job/kind.js';
import type { JobFilter, PageRequest } from '../query/job-query.js';
import type { JobRecord } from './job-record.js';

/** The read side of what keeps jobs. Reads see what was written before them: never a replica. */
export interface JobReader {
  get(key: JobKey): Promise<JobSnapshot | null>;
  /** Ended attempts by claim, oldest first. */
  attempts(key: JobKey): Promise<JobAttemptSnapshot[]>;
  /** By updatedAt, then key. */
  list(filter: JobFilter, page: PageRequest): Promise<Page<JobSnapshot>>;
  count(filter: JobFilter): Promise<number>;
  /** kind -> status -> jobs; every status of a kind that has jobs. */
  summary(kind?: string): Promise<Record<string, Record<JobStatus, number>>>;
  /**
   * By key, from behind `after`, for checks: each job's row and history as they stood at one moment, so that one at work shows nothing half done.
   * Fewer than `limit` where many would be too much at once; none: there are no more. History that belongs to no job comes as a record without a row,
   * where no condition asks for what only a row has. The filter's own limit is the caller's affair.
   */
  records(filter: JobFilter, after: JobKey | null, limit: number): Promise<JobRecord[]>;
}

export interface Page<T> {
  items: T[];
  /** The cursor of the next page; null: this was the last. Opaque, exact to the microsecond. */
  next: string | null;
}
