import { composed } from '../job/job-id.js';
import type { JobKind, JobRun, JobSnapshot } from '../job/kind.js';
import { type Duration, milliseconds } from '../options/duration.js';
import { InvalidOptionsError, JobInterruptedError, JobTimeoutError, LeaseLostError } from '../options/errors.js';
import { shown } from '../options/shown.js';
import type { Payloads } from '../payload/payloads.js';
import { readBy } from '../payload/schema.js';
import type { Grant, JobStore, Renewal } from '../store/job-store.js';

/** How a handler's call ended. What a run declared (snooze, ignore) goes before what its handler then did. */
export type Verdict =
  | { type: 'returned'; value: unknown }
  | { type: 'threw'; error: unknown }
  | { type: 'snoozed'; delay: number }
  | { type: 'ignored'; reason: string };

export type AbortReason = LeaseLostError | JobTimeoutError | JobInterruptedError;

const NOTE_LENGTH = 500;

/** A granted run, from its grant to its recorded outcome. */
export class ActiveRun implements JobRun {
  readonly idempotencyKey: string;
  readonly startedAt = performance.now();
  /** Set before the handler is called, once data and checkpoint have been read by their schemas. */
  job: JobSnapshot;
  declared: Extract<Verdict, { type: 'snoozed' | 'ignored' }> | undefined;
  /** Held by other runs: what calls that are made in this run wait for, under join. */
  readonly waitsFor = new Set<JobSnapshot>();
  readonly #abort = new AbortController();
  #progress: Renewal['progress'] = null;
  #staged: { data: string; checked: Promise<unknown> } | undefined;

  constructor(
    readonly grant: Grant,
    readonly kind: JobKind | undefined,
    private readonly store: JobStore,
    private readonly payloads: Payloads,
  ) {
    this.job = grant.job;
    this.idempotencyKey = composed([grant.kind, grant.id]);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The first reason stands. */
  abort(reason: AbortReason): void {
    this.#abort.abort(reason);
  }

  progress(fraction: number, note?: string): void {
    const part = Number(fraction);
    if (Number.isNaN(part)) return;
    const text = typeof note === 'string' ? note.slice(0, NOTE_LENGTH).replaceAll('\0', '').toWellFormed() : null;
    this.#progress = { fraction: Math.min(Math.max(part, 0), 1), note: text };
  }

  async checkpoint(state: unknown): Promise<void> {
    const json = await this.payloads.json(state, 'checkpoint', this.kind);
    if (!(await this.store.checkpoint(this.grant, json))) throw this.#lost();
  }

  set(changes: { data: unknown }): void {
    if (typeof changes !== 'object' || changes === null || !('data' in changes) || Object.keys(changes).length > 1)
      throw new InvalidOptionsError(`run.set: expected { data }, got: ${shown(changes)}`);
    const data = this.payloads.text(changes.data, 'data');
    const checked = readBy(this.kind?.data, JSON.parse(data), 'data');
    // Looked at when the run ends; until then a rejection is nobody's.
    checked.catch(() => {});
    this.#staged = { data, checked };
  }

  async assertHeld(): Promise<void> {
    if (!(await this.store.isHeld(this.grant))) throw this.#lost();
  }

  snooze(delay: Duration): never {
    const wait = milliseconds(delay, 'snooze');
    this.declared ??= { type: 'snoozed', delay: wait };
    throw new DeclaredEnd();
  }

  ignore(reason: string): never {
    if (typeof reason !== 'string' || reason.length === 0)
      throw new InvalidOptionsError(`run.ignore: expected a reason, got: ${shown(reason)}`);
    this.declared ??= { type: 'ignored', reason: reasonText(reason) };
    throw new DeclaredEnd();
  }

  /** Progress that no renewal has carried yet; taken once. */
  takeProgress(): Renewal['progress'] {
    const progress = this.#progress;
    this.#progress = null;
    return progress;
  }

  /** Staged data. Throws InvalidJobError where its schema refuses it. */
  async staged(): Promise<string | undefined> {
    await this.#staged?.checked;
    return this.#staged?.data;
  }

  #lost(): LeaseLostError {
    const error = leaseLost(this.grant);
    this.abort(error);
    return error;
  }
}

/** What snooze and ignore throw: it only ends the handler's flow, the run has already been told. */
class DeclaredEnd extends Error {
  constructor() {
    super('the run has declared its end; let this pass');
    this.name = 'DeclaredEnd';
  }
}

export function leaseLost(
  { kind, id }: Grant,
  why = 'another worker, or an operator, has taken it',
  cause?: unknown,
): LeaseLostError {
  return new LeaseLostError(
    `The lease of job ${shown(`${kind}/${id}`)} is lost: ${why}`,
    cause === undefined ? undefined : { cause },
  );
}

/** A reason as it is stored: bounded, and text that PostgreSQL keeps. */
export function reasonText(reason: string): string {
  return reason.slice(0, 1_000).replaceAll('\0', '').toWellFormed();
}
