import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import type { CallPolicy, ConsumeOptions, JobTrackingOptions } from 'nestjs-job-tracking';
import { startBuiltProgram } from './built-program.js';
import type { Told } from './told.js';

/**
 * What the jobs of a worker do. 'empty': nothing. 'held': runs until `finish`, whatever its signal says. 'heeding': the same, but throws the reason
 * when its signal fires. 'endless': never settles. 'busy', 'waiting': keep the event loop for three leases of half a second, computing or asleep.
 */
export type HandlerName = 'empty' | 'held' | 'heeding' | 'endless' | 'busy' | 'waiting';

/** What a worker can be asked; its answers come back as promises. */
export interface WorkerVerbs {
  settle(job: { kind: string; id: string }, handler: HandlerName, policy?: CallPolicy): Promise<Told>;
  /** By a crowd of callers, as fast as it goes, from a moment (of the machine's clock) that several workers share. */
  settleAll(kind: string, ids: readonly string[], handler: HandlerName, from: number): Promise<Told[]>;
  /** Answers when it has begun. */
  consume(kind: string, handler: HandlerName, options?: ConsumeOptions): Promise<void>;
  /** Drains the consumer of the kind; answers the ids that its handler was called for. */
  drain(kind: string): Promise<string[]>;
  /** Lets a held handler return, or throw. */
  finish(id: string, how?: 'return' | 'throw'): Promise<void>;
  /** What it takes for the time: `Date.now()`. */
  clock(): Promise<number>;
}

/** running: a held handler has begun. aborted: its signal has fired, with the code of the reason. */
export type WorkerEvent = { event: 'running' | 'aborted'; id: string; code?: string };

export interface WorkerOptions {
  url: string;
  tracking?: JobTrackingOptions;
}

export interface Worker extends WorkerVerbs, AsyncDisposable {
  /** Resolves with the first such event, also one that has been before. */
  seen(event: WorkerEvent['event'], id: string): Promise<WorkerEvent>;
  /** SIGKILL; resolves when it is dead. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
  /** SIGTERM; resolves when it has ended, with how. */
  terminate(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export type WorkerCall = { call: number; verb: keyof WorkerVerbs; args: unknown[] };
export type WorkerAnswer = { call: number; answer?: unknown; error?: string } | WorkerEvent | { ready: true };

/** An app in a process of its own, ready to work. Half a second on a quiet machine. */
export async function startWorker(options: WorkerOptions, under?: string[]): Promise<Worker> {
  const child = await startBuiltProgram('worker', [JSON.stringify(options)], under);
  const worker = new RemoteWorker(child);
  await worker.ready;
  return worker;
}

class RemoteWorker implements Worker {
  readonly ready: Promise<void>;
  readonly #ended: Promise<unknown>;
  #lastCall = 0;
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #events: WorkerEvent[] = [];
  readonly #news = new EventEmitter().setMaxListeners(0);

  constructor(private readonly child: ChildProcess) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    child.on('message', (message: WorkerAnswer) => {
      if ('ready' in message) resolve();
      else if ('event' in message) {
        this.#events.push(message);
        this.#news.emit('event');
      } else this.#answer(message);
    });
    this.#ended = once(child, 'exit').then(() => {
      reject(new Error('the worker ended before it was ready'));
      for (const { reject: fail } of this.#calls.values()) fail(new Error('the worker is dead'));
      this.#calls.clear();
    });
  }

  settle: Worker['settle'] = (...args) => this.#ask('settle', args) as Promise<Told>;
  settleAll: Worker['settleAll'] = (...args) => this.#ask('settleAll', args) as Promise<Told[]>;
  consume: Worker['consume'] = (...args) => this.#ask('consume', args) as Promise<void>;
  drain: Worker['drain'] = (...args) => this.#ask('drain', args) as Promise<string[]>;
  finish: Worker['finish'] = (...args) => this.#ask('finish', args) as Promise<void>;
  clock: Worker['clock'] = () => this.#ask('clock', []) as Promise<number>;

  async seen(event: WorkerEvent['event'], id: string): Promise<WorkerEvent> {
    for (;;) {
      const found = this.#events.find((seen) => seen.event === event && seen.id === id);
      if (found) return found;
      await once(this.#news, 'event');
    }
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended;
  }

  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  async terminate(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    this.child.kill('SIGTERM');
    await this.#ended;
    return { code: this.child.exitCode, signal: this.child.signalCode };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  #ask(verb: keyof WorkerVerbs, args: unknown[]): Promise<unknown> {
    const call = ++this.#lastCall;
    const asked = Promise.withResolvers<unknown>();
    // A worker that is killed on purpose answers nobody.
    asked.promise.catch(() => {});
    this.#calls.set(call, asked);
    this.child.send({ call, verb, args } satisfies WorkerCall, (error) => error && asked.reject(error));
    return asked.promise;
  }

  #answer({ call, answer, error }: { call: number; answer?: unknown; error?: string }): void {
    const asked = this.#calls.get(call);
    this.#calls.delete(call);
    if (error === undefined) asked?.resolve(answer);
    else asked?.reject(new Error(error));
  }
}
