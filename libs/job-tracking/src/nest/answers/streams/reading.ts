import { AsyncLocalStorage } from 'node:async_hooks';
import { JobInterruptedError } from '../../../protocol/index.js';

export interface ReadingOptions {
  /** Of the run. When it fires the stream is stopped. */
  signal: AbortSignal;
  /** Milliseconds for somebody to begin. */
  patience: number;
  /** Ends the source; what it still does is waited for. */
  stop(reason: unknown): unknown;
  /** Whether somebody has begun, where that is not told by `begin`. */
  hasBegun?(): boolean;
}

/** The one reading of a stream that a handler has returned: its run goes on until it is over. */
export class Reading {
  /** Back in the run's own context: a reader reads from wherever it is. */
  readonly inside = AsyncLocalStorage.snapshot();
  readonly #end = Promise.withResolvers<unknown>();
  readonly #unread: NodeJS.Timeout;
  #begun = false;
  #over = false;

  constructor(private readonly options: ReadingOptions) {
    const { signal, patience } = options;
    this.#unread = setTimeout(() => {
      if (!this.#begun && !options.hasBegun?.())
        void this.leave('Nobody has read the stream that the handler returned');
    }, patience).unref();
    if (signal.aborted) this.#aborted();
    else signal.addEventListener('abort', this.#aborted, { once: true });
  }

  /** With what the stream ended. Rejects with what it failed with, or JobInterruptedError where its reader has left. */
  get ended(): Promise<unknown> {
    return this.#end.promise;
  }

  get over(): boolean {
    return this.#over;
  }

  /** false: somebody has begun before. */
  begin(): boolean {
    const isFirst = !this.#begun;
    this.#begun = true;
    return isFirst;
  }

  finish(value: unknown): void {
    if (this.#close()) this.#end.resolve(value);
  }

  fail(error: unknown): void {
    if (this.#close()) this.#end.reject(error);
  }

  /** The reader reads no more. */
  leave(why = 'The reader of the stream has left'): Promise<void> {
    return this.#stop(new JobInterruptedError(why));
  }

  readonly #aborted = (): void => {
    void this.#stop(this.options.signal.reason);
  };

  async #stop(reason: unknown): Promise<void> {
    if (!this.#close()) return;
    try {
      await this.inside(() => this.options.stop(reason));
    } catch {
      // What a source throws when it is told to stop changes nothing of why.
    }
    this.#end.reject(reason);
  }

  #close(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#unread);
    this.options.signal.removeEventListener('abort', this.#aborted);
    return true;
  }
}
