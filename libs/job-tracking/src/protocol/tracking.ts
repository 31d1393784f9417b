import type { ActiveRuns } from './active-runs.js';
import type { JobEvents } from './job-events.js';
import type { TrackingPolicy } from './job-kind.js';
import type { JobStore } from './job-store.js';
import type { Payloads } from './payloads.js';

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
