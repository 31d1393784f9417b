import { JobIgnoredError, type RunOutcome, type Tracking } from '../../protocol/index.js';

/** The last ignored job that a handler has met, an app: it is told of once. One is enough, as a timer has one job at a time. */
export class IgnoredJobs {
  readonly #told = new WeakMap<Tracking, string>();

  met(tracking: Tracking, id: string, outcome: RunOutcome<unknown>): void {
    if (outcome.status === 'refused' && outcome.error instanceof JobIgnoredError && outcome.error.job) {
      if (this.#told.get(tracking) === id) return;
      this.#told.set(tracking, id);
      const { kind } = outcome.error.job;
      tracking.events.announce({ type: 'skipped_ignored', kind, id, reason: outcome.error.reason });
    } else if (this.#told.get(tracking) === id) this.#told.delete(tracking);
  }
}
