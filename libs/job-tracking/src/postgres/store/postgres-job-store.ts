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
} from '../../protocol/index.js';
import type { Database } from '../sending/database.js';
import { checkHeld } from '../sql/check-held.js';
import { findIgnorable, findRemovable, findRetriable } from '../sql/find-many.js';
import { ignoreJob } from '../sql/ignore-job.js';
import { keepCheckpoint } from '../sql/keep-checkpoint.js';
import { ignoreMany, removeMany, retryMany } from '../sql/many.js';
import { renew } from '../sql/renew.js';
import { retryJob } from '../sql/retry-job.js';
import { claim } from './claim.js';
import { DueClaims } from './claim-due.js';
import { change, changeMany, ignorable, release, remove, retriable } from './operate.js';
import { PostgresJobReader } from './postgres-job-reader.js';
import { held, recordEnded, recordSucceeded } from './record.js';
import { registerMany, registerOne } from './register.js';

/** Keeps jobs in PostgreSQL. Every verb is a statement or two of `sql/`. */
export class PostgresJobStore extends PostgresJobReader implements JobStore {
  readonly #due: DueClaims;
  /** How many each run has written. */
  readonly #checkpoints = new WeakMap<Grant, number>();

  constructor(
    private readonly orm: MikroORM,
    private readonly db: Database,
    /** For what runs send: the same database, by connections that no claim waits on. */
    private readonly runs: Database,
    private readonly opened: () => Promise<void>,
  ) {
    super(db);
    this.#due = new DueClaims(db);
  }

  open(): Promise<void> {
    return this.opened();
  }

  async close(): Promise<void> {
    await Promise.all([this.db.close(), this.runs.close()]);
  }

  claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return claim(this.db, request);
  }

  claimDue(request: ClaimDueRequest): Promise<ClaimedSet> {
    return this.#due.claim(request);
  }

  async renew(grant: Grant, { lease, progress }: Renewal): Promise<Lease | null> {
    const values = [...held(grant), lease, progress?.fraction ?? null, progress?.note ?? null];
    // A connection that has gone silent must not cost the lease: there is time for another.
    const { rows, sentAt } = await this.runs.query<{ left: string }>(renew, values, { within: lease / 4 });
    return rows[0] ? { heldUntil: sentAt + Number(rows[0].left) } : null;
  }

  async checkpoint(grant: Grant, state: string): Promise<boolean> {
    const nth = (this.#checkpoints.get(grant) ?? 0) + 1;
    this.#checkpoints.set(grant, nth);
    // Larger than those of earlier grants too: the claim goes first.
    const number = (BigInt(grant.job.claims) << 32n) + BigInt(nth);
    return (await this.runs.query(keepCheckpoint, [...held(grant), state, String(number)])).rows.length > 0;
  }

  async isHeld(grant: Grant): Promise<boolean> {
    return (await this.runs.query(checkHeld, held(grant))).rows.length > 0;
  }

  succeed(grant: Grant, success: Success): Promise<boolean> {
    return recordSucceeded(this.runs, grant, success);
  }

  end(grant: Grant, ending: Ending): Promise<Standing | null> {
    return recordEnded(this.runs, grant, ending);
  }

  register(job: NewJob): Promise<{ standing: Standing; registered: boolean }> {
    return registerOne(this.db, job);
  }

  registerSet(jobs: readonly NewJob[]): Promise<number> {
    return registerMany(this.db, jobs);
  }

  retry(key: JobKey, { rerun }: { rerun: boolean }): Promise<Change> {
    return change(this.db, retryJob, key, [rerun], (standing) => retriable(standing, rerun));
  }

  ignore(key: JobKey, reason: string): Promise<Change> {
    return change(this.db, ignoreJob, key, [reason], ignorable);
  }

  release(key: JobKey): Promise<Change> {
    return release(this.db, key);
  }

  remove(key: JobKey): Promise<Change> {
    return remove(this.db, key);
  }

  retryMany(filter: JobFilter, { rerun }: { rerun: boolean }): Promise<number> {
    // Jobs that wait for a time of their own start early only when pending ones were asked for by name.
    const early = filter.statuses?.includes('pending') ?? false;
    return changeMany(this.db, filter, { find: findRetriable, change: retryMany, choice: [rerun, early] });
  }

  ignoreMany(filter: JobFilter, reason: string): Promise<number> {
    return changeMany(this.db, filter, { find: findIgnorable, change: ignoreMany, also: [reason] });
  }

  removeMany(filter: JobFilter): Promise<number> {
    return changeMany(this.db, filter, { find: findRemovable, change: removeMany });
  }

  /** Code that a transaction has started may go on after its end: MikroORM still resolves to that transaction then, Kysely knows better. */
  inTransaction(): boolean {
    const transaction: Partial<Record<'isCommitted' | 'isRolledBack', boolean>> | undefined =
      this.orm.em.getTransactionContext();
    return transaction !== undefined && !transaction.isCommitted && !transaction.isRolledBack;
  }

  /**
   * An EntityManager of the run's own, for everything that the handler injects: a RequestContext would leave it inside a transaction that the
   * caller has open, and hide other contexts. It knows what guards loaded, but nothing of a caller's open transaction: what is pending there would
   * be committed here, also when the caller rolls back.
   */
  around<T>(_grant: Grant, work: () => Promise<T>): Promise<T> {
    return TransactionContext.create(this.orm.em.fork({ clear: this.orm.em.isInTransaction() }) as EntityManager, work);
  }
}
