import type { JobKey, Tracking } from '../../protocol/index.js';

/**
 * Says that a job was registered beside the transaction that its caller has open, where it stays when that is rolled back: once an app, as the program
 * is to be changed, not the job.
 */
export class OutsideRegistration {
  #told = false;

  constructor(private readonly tracking: Tracking) {}

  /** Asked when the call is made: by its end the caller may have left its transaction. */
  watch(): (registered: JobKey | undefined) => void {
    if (this.#told || this.tracking.store.inTransaction?.() !== true) return () => {};
    return (registered) => {
      if (this.#told || !registered) return;
      this.#told = true;
      this.tracking.events.announce({ type: 'registered_outside', kind: registered.kind, id: registered.id });
    };
  }
}
