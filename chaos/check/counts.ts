import { type Evidence, noted } from './evidence.js';

/** A crash is counted by whoever finds it, a lease that was lost by nobody. */
const COUNTED = ['succeeded', 'failed', 'ignored', 'snoozed', 'interrupted'] as const;

/** Workers that ended in peace: each outcome that is recorded of them was counted by their consumer, or told to one of their callers. */
export function wrongCounts(evidence: Evidence): string[] {
  const toCallers = new Set(
    noted(evidence, 'told')
      .filter(({ claim }) => claim !== null)
      .map(({ id, claim, worker }) => `${id} ${claim} ${worker}`),
  );
  const consumed = evidence.records.filter(({ id, claim, worker }) => !toCallers.has(`${id} ${claim} ${worker}`));
  return noted(evidence, 'drained').flatMap(({ worker, counts }) =>
    COUNTED.flatMap((outcome) => {
      const recorded = consumed.filter((record) => record.worker === worker && record.outcome === outcome).length;
      return recorded === counts[outcome] ? [] : [`${worker}: ${counts[outcome]} ${outcome}, recorded ${recorded}`];
    }),
  );
}
