import type { JobKey } from '../job/job-key.js';
import type { JobFilter } from '../query/job-query.js';
import type { JobReader } from '../store/job-reader.js';
import { type Violation, violationsOf } from './invariants.js';

export interface Verification {
  /** How many jobs were read; history that belongs to no job counts as one. */
  checked: number;
  violations: Violation[];
}

const PAGE_SIZE = 200;

/** Page by page, and nothing of a page is kept but what is wrong. What is registered meanwhile may be checked or not. */
export async function verifyJobs(reader: JobReader, filter: JobFilter): Promise<Verification> {
  const { limit = Number.POSITIVE_INFINITY } = filter;
  const violations: Violation[] = [];
  let checked = 0;
  let after: JobKey | null = null;
  while (checked < limit) {
    const page = await reader.records(filter, after, Math.min(PAGE_SIZE, limit - checked));
    for (const record of page) violations.push(...violationsOf(record));
    const last = page.at(-1);
    if (!last) break;
    checked += page.length;
    after = { kind: last.kind, id: last.id };
  }
  return { checked, violations };
}
