import { IN_DOUBT, type ToldStatus } from '../journal.js';
import { type Evidence, grantOf, type Noted, noted, recordsOf } from './evidence.js';

/** How the record of a grant may read whose caller was told so. */
const RECORDED: Readonly<Record<ToldStatus, readonly (string | null)[]>> = {
  succeeded: ['succeeded'],
  // The last failure that a job is allowed makes it ignored.
  failed: ['failed'],
  ignored: ['ignored', 'failed'],
  pending: ['snoozed', 'interrupted', 'released'],
  threw: ['failed', 'ignored', 'released', 'snoozed', 'interrupted'],
  lost: ['crashed', 'released'],
  refused: [],
};

/** `track` throws this also where the run gave up by itself, in doubt of a lease that it still had. */
const LOST = ['crashed', 'released', 'interrupted'];

function isLost({ status, error }: Noted<'told'>): boolean {
  return status === 'threw' && error === 'LEASE_LOST';
}

/** What a call may be told whose handler did not run. */
const WITHOUT_RUN: readonly ToldStatus[] = ['refused', 'pending', 'threw'];

/** Callers who were told something else than what stands in the tables. */
export function liesTold(evidence: Evidence): string[] {
  const records = recordsOf(evidence);
  return noted(evidence, 'told').flatMap((told) => {
    const { id, claim, status, error = '', output } = told;
    const lie = (why: string) => [`${grantOf(told)} of ${told.worker}: told ${status} ${error}, ${why}`];
    if (claim === null) {
      if (WITHOUT_RUN.includes(status)) return [];
      const source = records.get(grantOf({ id, claim: output?.claim ?? null }));
      return source?.outcome === 'succeeded'
        ? []
        : lie(`with the output of ${output?.claim}, which ${source?.outcome}`);
    }
    const record = records.get(grantOf(told));
    if (!record) return lie('no record');
    if (record.worker !== told.worker) return lie(`recorded of ${record.worker}`);
    if (error === IN_DOUBT) return [];
    const mayRead = isLost(told) ? LOST : RECORDED[status];
    if (!mayRead.includes(record.outcome)) return lie(`recorded ${record.outcome}`);
    return status === 'succeeded' && output?.claim !== claim ? lie(`with the output of ${output?.claim}`) : [];
  });
}

const ACCEPTED: readonly ToldStatus[] = ['succeeded', 'failed', 'ignored', 'pending', 'threw'];

/** Claims of which more than one outcome was acknowledged as accepted. */
export function repeatedAcceptance(evidence: Evidence): string[] {
  const first = new Map<string, string>();
  return noted(evidence, 'told')
    .filter((told) => told.claim !== null && told.error !== IN_DOUBT && ACCEPTED.includes(told.status) && !isLost(told))
    .flatMap((told) => {
      const grant = grantOf(told);
      const before = first.get(grant);
      first.set(grant, `${told.status} of ${told.worker}`);
      return before === undefined ? [] : [`${grant}: ${before}, and ${told.status} of ${told.worker}`];
    });
}
