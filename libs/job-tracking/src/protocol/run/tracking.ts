import type { JobEvents } from '../events/job-events.js';
import type { TrackingPolicy } from '../job/kind.js';
import type { Payloads } from '../payload/payloads.js';
import type { JobStore } from '../store/job-store.js';
import type { ActiveRuns } from './runs-of-app.js';

/** What every run of one app shares. */
export interface Tracking {
  store: JobStore;
  events: JobEvents;
  payloads: Payloads;
  /** This process's name in leases and history. */
  worker: string;
  defaults: TrackingPolicy;
  runs: ActiveRuns;
}
