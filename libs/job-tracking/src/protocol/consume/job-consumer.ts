import type { AttemptOutcome } from '../job/job.js';
import type { JobKind } from '../job/kind.js';
import type { ResolvedPolicy } from '../job/policy.js';
import { StoreUnavailableError } from '../options/errors.js';
import { announceDeath } from '../run/claim.js';
import { runGranted, type Work } from '../run/run-tracked.js';
import type { Tracking } from '../run/tracking.js';
import type { Grant } from '../store/job-store.js';

/** A pull loop over one kind. Never rejects for a job: what becomes of each is in the store and in `counts`. */
export interface JobConsumer extends AsyncDisposable {
  /**
   * Runs until nothing is due and nothing runs, then stops. What waits for its backoff or runAt is left. Waits for a database that is away;
   * rejects only with what the database refuses (a missing grant, a missing table), which would never end.
   */
  drain(): Promise<void>;
  /** Claims no more; resolves when what runs has ended. */
  stop(): Promise<void>;
  /** Attempts by how they ended. */
  readonly counts: Readonly<Record<AttemptOutcome, number>>;
}

export interface ConsumerSettings {
  kind: string;
  /** The kind's value, where it has one: its schemas. */
  value: JobKind | undefined;
  policy: ResolvedPolicy;
  concurrency: number;
  /** Milliseconds. */
  pollInterval: number;
}

export function startConsumer(tracking: Tracking, settings: ConsumerSettings, work: Work): JobConsumer {
  const consumer = new PullingConsumer(tracking, settings, work);
  consumer.start();
  return consumer;
}

class PullingConsumer implements JobConsumer {
  readonly counts: Record<AttemptOutcome, number> = {
    succeeded: 0,
    failed: 0,
    ignored: 0,
    snoozed: 0,
    interrupted: 0,
    released: 0,
    crashed: 0,
  };
  readonly #running = new Set<Promise<void>>();
  #loop: Promise<void> = Promise.resolve();
  #stopped = false;
  #draining = false;
  /** Until then nothing is claimed, on the monotonic clock: a released job is due at once, and claimed in the same breath it would spin. */
  #heldBack = 0;
  /** What the database refused of the last claim, where it is not away. */
  #refusal: { error: unknown } | undefined;
  #wake: () => void = () => {};
  #runEnded: () => void = () => {};

  constructor(
    private readonly tracking: Tracking,
    private readonly settings: ConsumerSettings,
    private readonly work: Work,
  ) {}

  start(): void {
    const { closed } = this.tracking.runs;
    closed.addEventListener('abort', this.#halt, { once: true });
    if (closed.aborted) this.#halt();
    this.#loop = this.#pull();
  }

  async drain(): Promise<void> {
    this.#draining = true;
    this.#wake();
    await this.#loop;
    if (this.#refusal) throw this.#refusal.error;
  }

  async stop(): Promise<void> {
    this.#halt();
    await this.#loop;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  readonly #halt = (): void => {
    this.#stopped = true;
    this.#wake();
  };

  async #pull(): Promise<void> {
    const { concurrency, pollInterval } = this.settings;
    while (!this.#stopped) {
      const free = concurrency - this.#running.size;
      const back = this.#heldBack - performance.now();
      if (back > 0) await this.#pause(back);
      else if (free === 0) await this.#nextEnd();
      else {
        const claimed = await this.#claim(free);
        if (claimed === free) continue;
        if (this.#refusal && this.#draining) break;
        if (claimed === 'failed' || !this.#draining) await this.#pause(pollInterval);
        else if (this.#running.size > 0) await this.#nextEnd();
        else if (claimed === 0) break;
      }
    }
    await Promise.all(this.#running);
    this.tracking.runs.closed.removeEventListener('abort', this.#halt);
  }

  /** Cut short by stop and drain. */
  async #pause(time: number): Promise<void> {
    if (this.#stopped) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, time);
    await promise;
    clearTimeout(timer);
  }

  /** Not a race of what runs: each would leave a reaction behind on the longest run. */
  #nextEnd(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#runEnded = resolve;
    return promise;
  }

  /** How many jobs were claimed and started. Followed, so that a shutdown waits for a claim that is on its way. */
  async #claim(limit: number): Promise<number | 'failed'> {
    const { kind, policy } = this.settings;
    const { store, worker, events, runs } = this.tracking;
    const { lease, maxAttempts, maxCrashes, after } = policy;
    const claim = async () => {
      const { grants, died } = await store.claimDue({ kind, limit, worker, lease, maxAttempts, maxCrashes, after });
      for (const { job } of died) if (job) announceDeath(this.tracking, job, job.reason);
      this.counts.crashed += died.length + grants.filter(({ tookOver }) => tookOver).length;
      for (const grant of grants) this.#run(grant);
      return grants.length + died.length;
    };
    this.#refusal = undefined;
    try {
      return await runs.follow(claim, () => 0);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) this.#refusal = { error };
      events.announce({ type: 'poll_failed', kind, error });
      return 'failed';
    }
  }

  #run(grant: Grant): void {
    const { value, policy, pollInterval } = this.settings;
    const running = runGranted(this.tracking, grant, value, policy, this.work)
      .then(({ ended }) => {
        if (ended) this.counts[ended]++;
        if (ended === 'released') this.#heldBack = performance.now() + pollInterval;
      })
      .catch((error) => this.tracking.events.announce({ type: 'poll_failed', kind: grant.kind, error }))
      .finally(() => {
        this.#running.delete(running);
        this.#runEnded();
      });
    this.#running.add(running);
  }
}
