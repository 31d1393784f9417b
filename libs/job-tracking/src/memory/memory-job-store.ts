import {
  type AttemptOutcome,
  type Change,
  type ClaimAnswer,
  type ClaimDueRequest,
  type ClaimedSet,
  type ClaimRequest,
  type Ending,
  type Grant,
  isHeld,
  type JobFilter,
  type JobKey,
  type JobState,
  type JobStore,
  type Lease,
  type NewJob,
  operatorTransitions,
  type Renewal,
  type Standing,
  type Success,
  transitions,
} from '../protocol/index.js';
import { claim, grantOf, newRow } from './claim.js';
import { claimDue } from './claim-due.js';
import { Clock } from './clock.js';
import { matches } from './filter.js';
import { MemoryJobReader } from './memory-job-reader.js';
import { type JobRow, standingOf } from './row.js';
import { Table } from './table.js';

/** Keeps jobs in this process: the whole promise between its callers, gone with it. For tests; its clock can be moved. */
export class MemoryJobStore extends MemoryJobReader implements JobStore {
  constructor() {
    super(new Table(), new Clock());
  }

  /** Moves the store's clock forward: leases run out, jobs come due. Milliseconds. */
  advance(ms: number): void {
    this.clock.advance(ms);
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return claim(this.table, request, this.clock.now());
  }

  async claimDue(request: ClaimDueRequest): Promise<ClaimedSet> {
    return claimDue(this.table, request, this.clock.now());
  }

  async renew(grant: Grant, renewal: Renewal): Promise<Lease | null> {
    const now = this.clock.now();
    const row = this.#write(grant, (state) => transitions.renew(state, grant.token, renewal, now));
    return row && { heldUntil: grantOf(row, false, now).heldUntil };
  }

  async checkpoint(grant: Grant, state: string): Promise<boolean> {
    return this.#write(grant, (held) => transitions.checkpoint(held, grant.token, state)) !== null;
  }

  async isHeld(grant: Grant): Promise<boolean> {
    return isHeld(this.table.get(grant)?.state ?? null, grant.token);
  }

  async succeed(grant: Grant, success: Success): Promise<boolean> {
    const row = this.#write(grant, (state) => transitions.succeed(state, grant.token, success, this.clock.now()));
    return row !== null || this.#endedAs(grant, 'succeeded');
  }

  async end(grant: Grant, ending: Ending): Promise<Standing | null> {
    const now = this.clock.now();
    const row = this.#write(grant, (state) => transitions.end(state, grant.token, ending, now));
    return row || this.#endedAs(grant, ending.outcome) ? standingOf(this.table.get(grant), now) : null;
  }

  async register(job: NewJob): Promise<{ standing: Standing; registered: boolean }> {
    const registered = this.#register(job);
    return { standing: standingOf(this.table.get(job), this.clock.now()), registered };
  }

  async registerSet(jobs: readonly NewJob[]): Promise<number> {
    return jobs.filter((job) => this.#register(job)).length;
  }

  async retry(key: JobKey, options: { rerun: boolean }): Promise<Change> {
    return this.#retry(key, options);
  }

  async ignore(key: JobKey, reason: string): Promise<Change> {
    return this.#ignore(key, reason);
  }

  async release(key: JobKey): Promise<Change> {
    return this.#operate(key, operatorTransitions.release);
  }

  async remove(key: JobKey): Promise<Change> {
    return this.#remove(key);
  }

  async retryMany(filter: JobFilter, options: { rerun: boolean }): Promise<number> {
    const named = filter.statuses?.includes('pending') ?? false;
    return this.#many(filter, (row) => (named || row.state.status !== 'pending') && this.#retry(row, options).changed);
  }

  async ignoreMany(filter: JobFilter, reason: string): Promise<number> {
    return this.#many(filter, (row) => this.#ignore(row, reason).changed);
  }

  async removeMany(filter: JobFilter): Promise<number> {
    return this.#many(filter, (row) => this.#remove(row).changed);
  }

  around<T>(_grant: Grant, work: () => Promise<T>): Promise<T> {
    return work();
  }

  #register(job: NewJob): boolean {
    const known = this.table.get(job) !== undefined;
    if (!known) this.table.put(newRow(job, this.clock.now()));
    return !known;
  }

  /** Whether the same outcome stands for this token already: a caller that lost its answer asks again. */
  #endedAs(grant: Grant, outcome: AttemptOutcome): boolean {
    const row = this.table.get(grant);
    if (!row) return false;
    const { state, past } = row;
    const here = state.token === grant.token && state.expiresAt === null ? state.outcome : null;
    return (here ?? past.find(({ token }) => token === grant.token)?.outcome) === outcome;
  }

  /** A run's write: null where its token holds the job no more. */
  #write(key: JobKey, change: (state: JobState | null) => JobState | null): JobRow | null {
    const row = this.table.get(key);
    const state = change(row?.state ?? null);
    if (!row || !state) return null;
    row.state = state;
    return row;
  }

  #operate(key: JobKey, change: (state: JobState | null, now: number) => operatorTransitions.Changed): Change {
    const now = this.clock.now();
    const row = this.table.get(key);
    const changed = change(row?.state ?? null, now);
    if (row && 'state' in changed) row.state = changed.state;
    return { standing: standingOf(row, now), changed: 'state' in changed && changed.changed };
  }

  #retry(key: JobKey, options: { rerun: boolean }): Change {
    return this.#operate(key, (state, now) => operatorTransitions.retry(state, options, now));
  }

  #ignore(key: JobKey, reason: string): Change {
    return this.#operate(key, (state, now) => operatorTransitions.ignore(state, reason, now));
  }

  #remove(key: JobKey): Change {
    const row = this.table.get(key);
    const standing = standingOf(row, this.clock.now());
    const changed = operatorTransitions.removalRefusal(row?.state ?? null) === null;
    if (changed) this.table.delete(key);
    return { standing, changed };
  }

  /** One turn of the event loop: between the look at a job and its change nobody else changes it. */
  #many(filter: JobFilter, change: (row: JobRow) => boolean): number {
    let changed = 0;
    for (const row of this.table.all().filter((each) => matches(each, filter))) {
      if (changed === filter.limit) break;
      if (change(row)) changed++;
    }
    return changed;
  }
}
