import type { Lease } from '../store/job-store.js';
import { renewalRetry, untilDoubt, untilRenewal } from './lease.js';

export interface HeartbeatOptions {
  /** Milliseconds. */
  lease: number;
  heldUntil: number;
  /** null: the lease is lost. One that rejects is tried again: a renewal that errs is not a lost lease. */
  renew(): Promise<Lease | null>;
  /** Called once: the database said so, or the lease's end came near without word from it. */
  lost(why: string, cause?: unknown): void;
  troubled(error: unknown): void;
}

export interface Heartbeat {
  stop(): void;
}

/** Renews a lease until it is stopped or lost. */
export function startHeartbeat({ lease, heldUntil, renew, lost, troubled }: HeartbeatOptions): Heartbeat {
  let stopped = false;
  let lastError: unknown;
  let beating: NodeJS.Timeout;
  let doubting: NodeJS.Timeout;

  const stop = () => {
    stopped = true;
    clearTimeout(beating);
    clearTimeout(doubting);
  };
  const lose = (why: string, cause?: unknown) => {
    stop();
    lost(why, cause);
  };
  const beatIn = (delay: number) => {
    beating = setTimeout(beat, delay).unref();
  };
  const doubtIn = (delay: number) => {
    clearTimeout(doubting);
    doubting = setTimeout(() => lose('its lease could not be renewed in time', lastError), delay).unref();
  };
  const beat = async () => {
    try {
      const renewed = await renew();
      if (stopped) return;
      if (renewed === null) return lose('another worker, or an operator, has taken it');
      lastError = undefined;
      const now = performance.now();
      doubtIn(untilDoubt(lease, renewed.heldUntil, now));
      beatIn(untilRenewal(lease, renewed.heldUntil, now));
    } catch (error) {
      if (stopped) return;
      lastError = error;
      troubled(error);
      beatIn(renewalRetry(lease));
    }
  };

  const now = performance.now();
  doubtIn(untilDoubt(lease, heldUntil, now));
  beatIn(untilRenewal(lease, heldUntil, now));
  return { stop };
}
