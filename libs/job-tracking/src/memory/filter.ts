import type { FailureRecord, JobFilter } from '../protocol/index.js';
import type { JobRow } from './row.js';

/** Whether all conditions hold; one that is left out holds for every job. */
export function matches({ kind, id, state }: JobRow, filter: JobFilter): boolean {
  const { kind: asked, statuses, ids, updatedBefore, updatedAfter, errorFingerprint } = filter;
  const fingerprint = state.error === null ? null : (JSON.parse(state.error) as FailureRecord).fingerprint;
  return (
    (asked === undefined || kind === asked) &&
    (statuses === undefined || statuses.includes(state.status)) &&
    (ids === undefined || ids.includes(id)) &&
    (updatedBefore === undefined || state.updatedAt < updatedBefore.getTime()) &&
    (updatedAfter === undefined || state.updatedAt > updatedAfter.getTime()) &&
    (errorFingerprint === undefined || fingerprint === errorFingerprint)
  );
}

/** Keys as the database collates them ("C"): by UTF-8, which for well-formed text is the order of code points. */
export function byText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
