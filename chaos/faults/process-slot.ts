import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../work/terms.js';

/** When a process could not speak for its leases, by the clock of the machine. `to`: without end where it has died. */
export interface Silence {
  worker: string;
  from: number;
  to: number;
}

export interface SlotOptions {
  /** 'w0': its processes are 'w0.1', 'w0.2' … */
  name: string;
  start(name: string): Promise<ChildProcess>;
  /** Something that no fault explains. */
  complain(what: string): void;
}

/** SIGTERM: handlers get their grace twice, then pools are closed, and a statement on a silent connection takes its time. */
const END_WITHIN = 15_000;

/** A place for one process, which is started again when it has died. What befalls it answers whether there was anybody. */
export class ProcessSlot {
  readonly silences: Silence[] = [];
  #generation = 0;
  #child: ChildProcess | undefined;
  #up: Promise<void> = Promise.resolve();
  #ending = false;
  #frozen = 0;

  constructor(private readonly options: SlotOptions) {}

  get worker(): string {
    return `${this.options.name}.${this.#generation}`;
  }

  get names(): string[] {
    return Array.from({ length: this.#generation }, (_, index) => `${this.options.name}.${index + 1}`);
  }

  start(after = 0): void {
    this.#up = this.#bringUp(after);
  }

  /** Resolves when the process that is there, or is coming, is ready. */
  async ready(): Promise<void> {
    for (let up: Promise<void> | undefined; up !== this.#up; ) {
      up = this.#up;
      await up;
    }
  }

  async kill(restartAfter: number): Promise<boolean> {
    return this.#end('SIGKILL', restartAfter);
  }

  async terminate(restartAfter: number): Promise<boolean> {
    const child = this.#living();
    const { worker } = this;
    const late = setTimeout(() => {
      if (this.#frozen === 0) this.options.complain(`${worker} has not ended ${END_WITHIN} ms after SIGTERM`);
      child?.kill('SIGKILL');
    }, END_WITHIN);
    const met = await this.#end('SIGTERM', restartAfter);
    clearTimeout(late);
    return met;
  }

  async stop(time: number): Promise<boolean> {
    const child = this.#living();
    if (!child) return false;
    const heard = this.silent();
    this.#frozen++;
    child.kill('SIGSTOP');
    await sleep(time);
    child.kill('SIGCONT');
    this.#frozen--;
    heard();
    return true;
  }

  /** It cannot be heard, until the answer is called. */
  silent(): () => void {
    const silence = { worker: this.worker, from: Date.now(), to: Number.POSITIVE_INFINITY };
    this.silences.push(silence);
    return () => {
      silence.to = Date.now();
    };
  }

  tell(command: Command): void {
    this.#living()?.send(command, () => {}); // one that is about to end hears nothing: that is seen when it has ended
  }

  /** Tells it to finish; it must then end by itself, and well. */
  async finish(within: number): Promise<void> {
    const child = this.#living();
    if (!child) return this.options.complain(`${this.worker} was gone before it was told to finish`);
    this.#ending = true;
    const ended = once(child, 'exit');
    this.tell('finish');
    const late = setTimeout(() => {
      this.options.complain(`${this.worker} has not ended ${within} ms after it was told to finish`);
      child.kill('SIGKILL');
    }, within);
    const [code] = await ended;
    clearTimeout(late);
    if (typeof code === 'number' && code !== 0) this.options.complain(`${this.worker} ended with exit code ${code}`);
  }

  destroy(): void {
    this.#ending = true;
    this.#child?.kill('SIGKILL');
  }

  async #bringUp(after: number): Promise<void> {
    if (after > 0) await sleep(after);
    this.#ending = false;
    this.#generation++;
    const { worker } = this;
    const child = await this.options.start(worker);
    this.#child = child;
    child.once('exit', (code, signal) => {
      if (this.#ending) return;
      this.options.complain(`${worker} ended by itself: exit code ${code}, signal ${signal}`);
      this.start(100);
    });
    // One that is killed before it is ready has a successor, which is waited for in its turn.
    await Promise.race([once(child, 'message'), once(child, 'exit')]);
  }

  /** Whoever ends it first starts its successor. */
  async #end(signal: 'SIGKILL' | 'SIGTERM', restartAfter: number): Promise<boolean> {
    const child = this.#living();
    if (!child) return false;
    const isFirst = !this.#ending;
    this.#ending = true;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    if (!isFirst) return true;
    this.silent();
    this.start(restartAfter);
    return true;
  }

  #living(): ChildProcess | undefined {
    const child = this.#child;
    return child && child.exitCode === null && child.signalCode === null ? child : undefined;
  }
}
