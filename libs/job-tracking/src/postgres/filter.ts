import type { JobFilter } from '../protocol/index.js';

/** The six parameters of `MATCHES`. */
export function conditions({
  kind,
  statuses,
  ids,
  updatedBefore,
  updatedAfter,
  errorFingerprint,
}: JobFilter): unknown[] {
  return [kind, statuses, ids, updatedBefore, updatedAfter, errorFingerprint].map((condition) => condition ?? null);
}
