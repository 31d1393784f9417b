import { leaseOf, workerNumber } from '../work/terms.js';
import { CLOCKS, grantOf, isSuccess, noted, recordsOf } from './evidence.js';
import type { Law } from './law.js';
import { repeatedAcceptance } from './told.js';

/** Something was done, or accepted, twice. */
export const DOUBLED: readonly Law[] = [
  {
    law: 'at most one outcome of a claim is accepted',
    breaches: repeatedAcceptance,
  },
  {
    law: 'a grant is handed to one handler',
    breaches: (evidence) => [
      ...repeated(noted(evidence, 'granted').map(grantOf)),
      ...repeated(evidence.effects.map((effect) => `${effect.what} of ${grantOf(effect)}`)),
    ],
  },
  {
    law: 'a job that nobody runs again succeeds once',
    breaches: ({ records }) =>
      repeated(records.filter((record) => isSuccess(record) && record.id.startsWith('queue-')).map(({ id }) => id)),
  },
  {
    law: 'no handler is called before its grant, and no grant begins before the last one has ended',
    breaches: (evidence) => {
      const records = recordsOf(evidence);
      const early = noted(evidence, 'granted').filter((grant) => {
        const record = records.get(grantOf(grant));
        return record !== undefined && grant.at + CLOCKS < record.startedAt;
      });
      const overlapping = evidence.records.filter(({ id, claim, startedAt }) => {
        const before = records.get(grantOf({ id, claim: claim - 1 }));
        return before !== undefined && (before.endedAt === null || before.endedAt > startedAt);
      });
      return [...early, ...overlapping].map(grantOf);
    },
  },
  {
    law: 'a handler whose job was given to another has heard of it',
    breaches: (evidence) => {
      const records = recordsOf(evidence);
      return noted(evidence, 'unaware')
        .filter((run) => {
          const { outcome, endedAt } = records.get(grantOf(run)) ?? { outcome: null, endedAt: null };
          // Of a lease that an operator took it hears at its next renewal, or when it has heard nothing for a lease.
          const heardBy = (endedAt ?? 0) + (outcome === 'crashed' ? 0 : leaseOf(workerNumber(run.worker)));
          return run.at > heardBy + CLOCKS;
        })
        .map((run) => `${grantOf(run)} of ${run.worker}, while claim ${run.now} ran`);
    },
  },
];

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.size === seen.add(name).size);
}
