import type { JobAttemptSnapshot, JobSnapshot, JobStatus } from './job.js';
import type { JobKey } from './job-key.js';
import type { JobFilter, PageRequest } from './job-query.js';

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
}

export interface Page<T> {
  items: T[];
  /** The cursor of the next page; null: this was the last. Opaque, exact to the microsecond. */
  next: string | null;
}
