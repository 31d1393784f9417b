import { wrongCounts } from './counts.js';
import { CLOCKS, grantOf, noted, recordsOf } from './evidence.js';
import type { Law } from './law.js';

/** Anything else that was promised. */
export const BROKEN: readonly Law[] = [
  {
    law: 'verify() finds nothing',
    breaches: ({ violations }) => violations.map(({ id, invariant, detail }) => `${id}: ${invariant}: ${detail}`),
  },
  {
    law: 'no outcome without a handler that was called for it',
    breaches: (evidence) => {
      const called = new Set(noted(evidence, 'granted').map((grant) => `${grantOf(grant)} ${grant.worker}`));
      return evidence.records
        .filter(({ outcome }) => outcome !== null && ['succeeded', 'failed', 'ignored', 'snoozed'].includes(outcome))
        .filter((record) => !called.has(`${grantOf(record)} ${record.worker}`))
        .map((record) => `${grantOf(record)}, ${record.outcome}, of ${record.worker}`);
    },
  },
  {
    law: 'claims only grow, and at its claim a job is its worker’s',
    breaches: ({ effects, jobs }) => {
      const claims = new Map(jobs.map((job) => [job.id, job.claims]));
      return effects
        .filter(({ id, claim, claimsThen, statusThen, worker, workerThen }) => {
          if (claimsThen === null || claimsThen < claim || claimsThen > (claims.get(id) ?? 0)) return true;
          return claimsThen === claim && statusThen === 'in_progress' && workerThen !== worker;
        })
        .map(
          (effect) =>
            `${grantOf(effect)} of ${effect.worker}: the job was at claim ${effect.claimsThen} of ${effect.workerThen}`,
        );
    },
  },
  {
    law: 'a lease that an operator was told is taken away is over',
    breaches: (evidence) => {
      const records = recordsOf(evidence);
      return noted(evidence, 'released')
        .filter((release) => {
          const endedAt = records.get(grantOf(release))?.endedAt ?? Number.POSITIVE_INFINITY;
          return release.claim > 0 && endedAt > release.at + CLOCKS;
        })
        .map(grantOf);
    },
  },
  {
    law: 'what a worker’s consumer and callers count is what is recorded of it',
    breaches: wrongCounts,
  },
];
