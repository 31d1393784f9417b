import type { JobFilter } from '../../protocol/index.js';
import { timeTextOrNull } from './as-text.js';

/** The six parameters of `MATCHES`. */
export function conditions({
  kind,
  statuses,
  ids,
  updatedBefore,
  updatedAfter,
  errorFingerprint,
}: JobFilter): unknown[] {
  const times = [updatedBefore, updatedAfter].map(timeTextOrNull);
  return [kind ?? null, statuses ?? null, ids ?? null, ...times, errorFingerprint ?? null];
}
