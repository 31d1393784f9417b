import type { JobEvent, JobEvents } from '../events/job-events.js';
import type { JobKey } from '../job/job-key.js';
import type { JobSnapshot } from '../job/kind.js';
import type { JobFilter } from '../query/job-query.js';
import type { Change, JobStore } from '../store/job-store.js';
import { operatorRefusal } from './operator-refusal.js';

/** What an operator asks for, of one job or of many. */
export type Operation =
  | { verb: 'retry'; rerun: boolean }
  | { verb: 'ignore'; reason: string }
  | { verb: 'release' }
  | { verb: 'remove' };

type ManyOperation = Exclude<Operation, { verb: 'release' }>;

interface Operating {
  store: JobStore;
  events: JobEvents;
}

/** Does it, and announces it. The job as it is then; of a removed one, as it was. Throws JobRefusedError where its state does not allow it. */
export async function operate({ store, events }: Operating, key: JobKey, operation: Operation): Promise<JobSnapshot> {
  const { standing, changed } = await change(store, key, operation);
  const refused = changed ? null : operatorRefusal(key, operation.verb, standing, isRerun(operation));
  if (refused) throw refused;
  const job = standing.job as JobSnapshot;
  if (changed) events.announce(eventOf(job, operation));
  return job;
}

/** The same of every job that the filter matches, in sets. How many were changed. */
export async function operateMany(
  { store, events }: Operating,
  filter: JobFilter,
  operation: ManyOperation,
): Promise<number> {
  const count = await changeMany(store, filter, operation);
  if (count > 0) events.announce({ type: 'many_changed', kind: filter.kind ?? '', verb: operation.verb, count });
  return count;
}

function change(store: JobStore, key: JobKey, operation: Operation): Promise<Change> {
  switch (operation.verb) {
    case 'retry':
      return store.retry(key, { rerun: operation.rerun });
    case 'ignore':
      return store.ignore(key, operation.reason);
    case 'release':
      return store.release(key);
    case 'remove':
      return store.remove(key);
  }
}

function changeMany(store: JobStore, filter: JobFilter, operation: ManyOperation): Promise<number> {
  switch (operation.verb) {
    case 'retry':
      return store.retryMany(filter, { rerun: operation.rerun });
    case 'ignore':
      return store.ignoreMany(filter, operation.reason);
    case 'remove':
      return store.removeMany(filter);
  }
}

function eventOf({ kind, id, status }: JobSnapshot, operation: Operation): JobEvent {
  switch (operation.verb) {
    case 'retry':
      return { type: 'retried', kind, id };
    case 'ignore':
      return { type: 'ignored_by_operator', kind, id, reason: operation.reason };
    case 'release':
      return { type: 'released_by_operator', kind, id };
    case 'remove':
      return { type: 'removed', kind, id, status };
  }
}

function isRerun(operation: Operation): boolean {
  return operation.verb === 'retry' && operation.rerun;
}
