import { Inject, Injectable } from '@nestjs/common';
import {
  type CallPolicy,
  type ConsumeOptions,
  checkConsumeOptions,
  checkKind,
  checkListQuery,
  checkManyQuery,
  checkPolicy,
  checkQuery,
  currentRun,
  InvalidOptionsError,
  type JobAttemptSnapshot,
  type JobConsumer,
  type JobQuery,
  type JobReader,
  type JobRef,
  type JobRun,
  type JobSnapshot,
  type JobSpec,
  type JobStatus,
  type JobStore,
  type KindRef,
  keyOf,
  kindName,
  kindValue,
  newJob,
  type OutputOf,
  operate,
  operateMany,
  outputOf,
  type Page,
  type PageOrder,
  POLICY_KEYS,
  type RunOutcome,
  reasonText,
  refuseInsideTransaction,
  refuseUnknownKeys,
  registerInSets,
  resolvePolicy,
  runTracked,
  shown,
  specOf,
  startConsumer,
  type Tracking,
  type Verification,
  verifyJobs,
  type Work,
} from '../../protocol/index.js';
import { TRACKING } from '../tokens.js';
import { OutsideRegistration } from './outside-registration.js';

/**
 * Jobs, for whoever registers, runs, reads or operates them. Every method throws StoreUnavailableError when the database cannot be reached,
 * InvalidJobError for a job, and InvalidOptionsError for a policy or query that is malformed.
 */
@Injectable()
export class JobTrackerService {
  readonly #tracking: Tracking;
  readonly #store: JobStore & JobReader;
  readonly #outside: OutsideRegistration;

  constructor(@Inject(TRACKING) tracking: Tracking & { store: JobStore & JobReader }) {
    this.#tracking = tracking;
    this.#store = tracking.store;
    this.#outside = new OutsideRegistration(tracking);
  }

  /**
   * Registers a job unless it is known: idempotent, the first registration's data stays. `registered` is told once at most: after a lost answer of the
   * database's the one who has registered it may be told false.
   *
   * It is a transaction of its own, also where the caller has one open (`@Transactional()`, `em.transactional`): the job stays when that is rolled
   * back, and a consumer may run it before that is committed. Register after the commit. The event `registered_outside` tells it, once an app.
   */
  async register<K extends KindRef = string>(job: JobSpec<K>): Promise<{ job: JobSnapshot<K>; registered: boolean }> {
    const outside = this.#outside.watch();
    const { standing, registered } = await this.#store.register(await newJob(job, this.#tracking.payloads));
    if (registered && standing.job) outside(standing.job);
    return { job: standing.job as JobSnapshot<K>, registered };
  }

  /**
   * Registers a stream of jobs in bounded sets. A bad row rejects with its index; earlier sets stay, and running it again is harmless. As `register`,
   * it is outside a transaction that the caller has open.
   */
  registerMany<K extends KindRef = string>(
    jobs: Iterable<JobSpec<K>> | AsyncIterable<JobSpec<K>>,
  ): Promise<{ registered: number; existing: number }> {
    return registerInSets(this.#tracking, jobs as Iterable<JobSpec> | AsyncIterable<JobSpec>, this.#outside.watch());
  }

  /**
   * Lock, run, record. Answers what `work` returned; throws what it threw, a JobRefusedError, or LeaseLostError; after snooze and ignore what the
   * next caller would get. Given a JobSpec, a missing job is registered with it in the same statement.
   */
  async track<K extends KindRef = string, T extends OutputOf<K> = OutputOf<K>>(
    job: JobRef<K> | JobSpec<K>,
    work: (run: JobRun<K>) => T | Promise<T>,
    policy?: CallPolicy,
  ): Promise<T> {
    return outputOf(await this.#run<K, T>('track', job, work, policy));
  }

  /** As track, but tells instead of throwing what became of the job. */
  async settle<K extends KindRef = string, T extends OutputOf<K> = OutputOf<K>>(
    job: JobRef<K> | JobSpec<K>,
    work: (run: JobRun<K>) => T | Promise<T>,
    policy?: CallPolicy,
  ): Promise<RunOutcome<T>> {
    return this.#run<K, T>('settle', job, work, policy);
  }

  /** Starts now: claims due jobs in sets and tracks each. */
  consume<K extends KindRef>(
    kind: K,
    work: (run: JobRun<K>) => OutputOf<K> | Promise<OutputOf<K>>,
    options: ConsumeOptions = {},
  ): JobConsumer {
    const settings = checkConsumeOptions(kind, options, `consume(${kindName(kind)})`);
    const value = kindValue(kind);
    const policy = resolvePolicy(options, value, this.#tracking.defaults);
    refuseInsideTransaction(this.#store, policy, `consume(${shown(kindName(kind))})`);
    return startConsumer(this.#tracking, { kind: kindName(kind), value, policy, ...settings }, work as Work);
  }

  /**
   * The run that this code is in: that of a handler which awaits it, has started it, or streams it. Of nested runs the innermost, or the innermost of
   * this kind. undefined: none, or it has been recorded.
   */
  current<K extends KindRef = string>(kind?: K): JobRun<K> | undefined {
    const name = kind === undefined ? undefined : checkKind(kindName(kind));
    return currentRun(this.#tracking, name) as JobRun<K> | undefined;
  }

  /** null: there is no such job. */
  async get<K extends KindRef = string>(ref: JobRef<K>): Promise<JobSnapshot<K> | null> {
    return this.#store.get(keyOf(ref)) as Promise<JobSnapshot<K> | null>;
  }

  /** Attempts that have ended, by claim, oldest first. */
  async attempts(ref: JobRef): Promise<JobAttemptSnapshot[]> {
    return this.#store.attempts(keyOf(ref));
  }

  /** By updatedAt, oldest first unless asked otherwise; 100 a page, or `limit`. `cursor`: the `next` of the page before. */
  async list<K extends KindRef = string>(
    query: JobQuery<K> & { order?: PageOrder; cursor?: string } = {},
  ): Promise<Page<JobSnapshot<K>>> {
    const { filter, page } = checkListQuery(query, 'list');
    return this.#store.list(filter, page) as Promise<Page<JobSnapshot<K>>>;
  }

  async count(query: JobQuery = {}): Promise<number> {
    return this.#store.count(checkQuery(query, 'count'));
  }

  /** kind -> status -> jobs, for kinds that have jobs. */
  async summary(kind?: KindRef): Promise<Record<string, Record<JobStatus, number>>> {
    return this.#store.summary(kind === undefined ? undefined : checkKind(kindName(kind)));
  }

  /** Failed, ignored, or waiting for a later time -> pending and due, counts 0. Makes it due: its source, or a consumer of its kind, runs it. */
  async retry(ref: JobRef, options: { rerun?: boolean } = {}): Promise<JobSnapshot> {
    const rerun = rerunOf(options, 'retry');
    return operate(this.#tracking, keyOf(ref), { verb: 'retry', rerun });
  }

  /** Pending or failed -> ignored. */
  async ignore(ref: JobRef, reason: string): Promise<JobSnapshot> {
    return operate(this.#tracking, keyOf(ref), { verb: 'ignore', reason: reasonOf(reason, 'ignore') });
  }

  /** In progress -> pending: its run is fenced off, though its handler may still be at work. */
  async release(ref: JobRef): Promise<JobSnapshot> {
    return operate(this.#tracking, keyOf(ref), { verb: 'release' });
  }

  /** Anything but in progress, with its history; answers what it was. Its id is unknown again. */
  async remove(ref: JobRef): Promise<JobSnapshot> {
    return operate(this.#tracking, keyOf(ref), { verb: 'remove' });
  }

  /** How many became pending. Of pending ones, those that wait for a later time count when `status` names pending. */
  async retryMany(query: JobQuery, options: { rerun?: boolean } = {}): Promise<number> {
    const filter = checkManyQuery(query, 'retryMany');
    return operateMany(this.#tracking, filter, { verb: 'retry', rerun: rerunOf(options, 'retryMany') });
  }

  async ignoreMany(query: JobQuery, reason: string): Promise<number> {
    const filter = checkManyQuery(query, 'ignoreMany');
    return operateMany(this.#tracking, filter, { verb: 'ignore', reason: reasonOf(reason, 'ignoreMany') });
  }

  async removeMany(query: JobQuery): Promise<number> {
    return operateMany(this.#tracking, checkManyQuery(query, 'removeMany'), { verb: 'remove' });
  }

  /**
   * Reads jobs and their attempts and tells what is wrong with them, by job and by the name of the invariant that it breaks (docs/verify.md). Changes
   * nothing; a system at work is no violation. Reads every job that the query matches, page by page: the memory that it takes is that of its answer.
   */
  async verify(query: JobQuery = {}): Promise<Verification> {
    return verifyJobs(this.#store, checkQuery(query, 'verify'));
  }

  async #run<K extends KindRef, T>(
    verb: string,
    job: JobRef<K> | JobSpec<K>,
    work: (run: JobRun<K>) => T | Promise<T>,
    policy: CallPolicy = {},
  ): Promise<RunOutcome<T>> {
    if (typeof work !== 'function')
      throw new InvalidOptionsError(`${verb}: expected work to be a function, got: ${shown(work)}`);
    refuseUnknownKeys(policy, POLICY_KEYS, verb);
    checkPolicy(policy, verb);
    const ref = job as JobRef | JobSpec;
    const resolved = resolvePolicy(policy, kindValue(specOf(ref).kind), this.#tracking.defaults);
    return (await runTracked(this.#tracking, ref, resolved, work as Work)) as RunOutcome<T>;
  }
}

function rerunOf(options: { rerun?: boolean }, verb: string): boolean {
  refuseUnknownKeys(options, ['rerun'], verb);
  const { rerun = false } = options;
  if (typeof rerun !== 'boolean')
    throw new InvalidOptionsError(`${verb}: expected rerun to be true or false, got: ${shown(rerun)}`);
  return rerun;
}

function reasonOf(reason: unknown, verb: string): string {
  if (typeof reason !== 'string' || reason.trim() === '')
    throw new InvalidOptionsError(`${verb}: expected a reason, got: ${shown(reason)}`);
  return reasonText(reason);
}
