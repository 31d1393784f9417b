import { type EntityManager, type MikroORM, TransactionContext } from '@mikro-orm/postgresql';
import type {
  Change,
  ClaimAnswer,
  ClaimDueRequest,
  ClaimedSet,
  ClaimRequest,
  Ending,
  Grant,
  JobFilter,
  JobKey,
  JobStore,
  Lease,
  NewJob,
  Renewal,
  Standing,
  Success,
} from '../protocol/index.js';
import { claim } from './claim.js';
import { DueClaims } from './claim-due.js';
import type { Database } from './database.js';
import { change, changeMany } from './operating.js';
import { PostgresJobReader } from './postgres-job-reader.js';
import { held, recordEnded, recordSucceeded } from './recording.js';
import { registerMany, registerOne } from './registering.js';
import { checkHeld } from './sql/check-held.js';
import { ignoreJob } from './sql/ignore-job.js';
import { keepCheckpoint } from './sql/keep-checkpoint.js';
import { ignoreMany, removeMany, retryMany } from './sql/many.js';
import { releaseJob } from './sql/release-job.js';
import { removeJob } from './sql/remove-job.js';
import { renew } from './sql/renew.js';
import { retryJob } from './sql/retry-job.js';

/** Keeps jobs in PostgreSQL. Every verb is a statement or two of `sql/`. */
export class PostgresJobStore extends PostgresJobReader implements JobStore {
  readonly #due: DueClaims;

  constructor(
    private readonly orm: MikroORM,
    private readonly db: Database,
    private readonly opened: () => Promise<void>,
  ) {
    super(db);
    this.#due = new DueClaims(db);
  }

  open(): Promise<void> {
    return this.opened();
  }

  close(): Promise<void> {
    return this.db.close();
  }

  claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return claim(this.db, request);
  }

  claimDue(request: ClaimDueRequest): Promise<ClaimedSet> {
    return this.#due.claim(request);
  }

  async renew(grant: Grant, { lease, progress }: Renewal): Promise<Lease | null> {
    const values = [...held(grant), lease, progress?.fraction ?? null, progress?.note ?? null];
    const { rows, sentAt } = await this.db.query<{ left: number }>(renew, values);
    return rows[0] ? { heldUntil: sentAt + rows[0].left } : null;
  }

  async checkpoint(grant: Grant, state: string): Promise<boolean> {
    return (await this.db.query(keepCheckpoint, [...held(grant), state])).rows.length > 0;
  }

  async isHeld(grant: Grant): Promise<boolean> {
    return (await this.db.query(checkHeld, held(grant))).rows.length > 0;
  }

  succeed(grant: Grant, success: Success): Promise<boolean> {
    return recordSucceeded(this.db, grant, success);
  }

  end(grant: Grant, ending: Ending): Promise<Standing | null> {
    return recordEnded(this.db, grant, ending);
  }

  register(job: NewJob): Promise<{ standing: Standing; registered: boolean }> {
    return registerOne(this.db, job);
  }

  registerSet(jobs: readonly NewJob[]): Promise<number> {
    return registerMany(this.db, jobs);
  }

  retry(key: JobKey, { rerun }: { rerun: boolean }): Promise<Change> {
    return change(this.db, retryJob, key, rerun);
  }

  ignore(key: JobKey, reason: string): Promise<Change> {
    return change(this.db, ignoreJob, key, reason);
  }

  release(key: JobKey): Promise<Change> {
    return change(this.db, releaseJob, key);
  }

  remove(key: JobKey): Promise<Change> {
    return change(this.db, removeJob, key);
  }

  retryMany(filter: JobFilter, { rerun }: { rerun: boolean }): Promise<number> {
    // Jobs that wait for a time of their own start early only when pending ones were asked for by name.
    const early = filter.statuses?.includes('pending') ?? false;
    return changeMany(this.db, retryMany, filter, rerun, early);
  }

  ignoreMany(filter: JobFilter, reason: string): Promise<number> {
    return changeMany(this.db, ignoreMany, filter, reason);
  }

  removeMany(filter: JobFilter): Promise<number> {
    return changeMany(this.db, removeMany, filter);
  }

  /**
   * An EntityManager of the run's own, for everything that the handler injects: a RequestContext would leave it inside a transaction that the
   * caller has open, hide other contexts, and lose what guards loaded.
   */
  around<T>(_grant: Grant, work: () => Promise<T>): Promise<T> {
    return TransactionContext.create(this.orm.em.fork({ clear: false }) as EntityManager, work);
  }
}
