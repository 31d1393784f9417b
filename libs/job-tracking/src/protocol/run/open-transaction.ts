import type { ResolvedPolicy } from '../job/policy.js';
import { OpenTransactionError } from '../options/errors.js';
import type { JobStore } from '../store/job-store.js';

/** Throws OpenTransactionError for a call from inside a transaction whose policy does not allow that. `what` names it, as in 'Job "charge/7"'. */
export function refuseInsideTransaction(
  store: JobStore,
  { insideTransaction }: Pick<ResolvedPolicy, 'insideTransaction'>,
  what: string,
): void {
  if (insideTransaction === 'apart' || store.inTransaction?.() !== true) return;
  throw new OpenTransactionError(
    `${what} was called inside an open transaction: what its run writes would stay when that transaction rolls back. ` +
      "Call it before or after the transaction, or set insideTransaction: 'apart' if it is to be kept whatever becomes of the transaction",
  );
}
