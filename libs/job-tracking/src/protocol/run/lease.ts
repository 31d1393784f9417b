/**
 * Lease arithmetic on this process's monotonic clock. The database's clock alone decides who holds a job; a worker only has to know when it can no
 * longer be sure, and every span here is counted from before the statement that promised it was sent, so a worker gives up first.
 */

/** Renewed every third: two renewals may fail before the lease is in danger. */
export function renewalInterval(lease: number): number {
  return lease / 3;
}

/** A renewal that could not be sent is tried again sooner. */
export function renewalRetry(lease: number): number {
  return Math.min(lease / 12, 1_000);
}

/** Milliseconds until the next renewal of a lease that ends at `heldUntil`; 0 for one that was promised long ago. */
export function untilRenewal(lease: number, heldUntil: number, now: number): number {
  const spent = lease - (heldUntil - now);
  return Math.min(Math.max(0, renewalInterval(lease) - spent), renewalInterval(lease));
}

/** Milliseconds until the run must stop counting on its lease: a little before its end, as the signal needs a turn of the event loop. */
export function untilDoubt(lease: number, heldUntil: number, now: number): number {
  return Math.max(0, heldUntil - Math.min(lease / 20, 500) - now);
}
