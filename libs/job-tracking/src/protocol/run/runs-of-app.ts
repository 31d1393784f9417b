import { JobInterruptedError } from '../options/errors.js';
import type { ActiveRun } from './active-run.js';
import type { Heartbeat } from './heartbeat.js';

/** The runs of one app, from before their claim to their recorded outcome: what a shutdown waits for. */
export class ActiveRuns {
  readonly #calls = new Set<Promise<unknown>>();
  readonly #runs = new Map<ActiveRun, Heartbeat>();
  readonly #closed = new AbortController();
  #interrupted = false;
  #idle: () => void = () => {};

  /** Aborts when the app stops taking jobs. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Follows one call, from its claim to its outcome. Once the app is stopping no call begins, and one that only waits ends. */
  async follow<T>(call: () => Promise<T>, stopped: (error: JobInterruptedError) => T): Promise<T> {
    if (this.closed.aborted) return stopped(stopping());
    const following = call();
    this.#calls.add(following);
    try {
      return await following;
    } catch (error) {
      if (error instanceof JobInterruptedError) return stopped(error);
      throw error;
    } finally {
      this.#calls.delete(following);
      this.#settled();
    }
  }

  add(run: ActiveRun, heartbeat: Heartbeat): void {
    this.#runs.set(run, heartbeat);
    // Claimed while the app began to stop, after the signals were sent.
    if (this.#interrupted) run.abort(stopping());
  }

  /** From its grant to its recorded outcome. */
  has(run: ActiveRun): boolean {
    return this.#runs.has(run);
  }

  find(is: (run: ActiveRun) => boolean): ActiveRun | undefined {
    for (const run of this.#runs.keys()) if (is(run)) return run;
    return undefined;
  }

  delete(run: ActiveRun): void {
    this.#runs.delete(run);
    this.#settled();
  }

  /**
   * No new claims; `grace` milliseconds for handlers to end; then their signals fire, and they get as long again to settle. A handler that does
   * not settle keeps its lease until it runs out: it may still be at work.
   */
  async close(grace: number): Promise<void> {
    this.#closed.abort(stopping());
    await this.#allSettled(grace);
    this.#interrupted = true;
    for (const run of this.#runs.keys()) run.abort(stopping());
    await this.#allSettled(grace);
    for (const heartbeat of this.#runs.values()) heartbeat.stop();
  }

  async #allSettled(within: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle = resolve;
    const timer = setTimeout(resolve, within);
    this.#settled();
    await promise;
    clearTimeout(timer);
  }

  #settled(): void {
    if (this.#calls.size === 0 && this.#runs.size === 0) this.#idle();
  }
}

export function stopping(): JobInterruptedError {
  return new JobInterruptedError('The process is stopping');
}
