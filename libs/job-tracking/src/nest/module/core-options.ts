import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import {
  checkPolicy,
  type Duration,
  InvalidOptionsError,
  type JobEvents,
  LONGEST_TIMER,
  milliseconds,
  PAYLOAD_LIMITS,
  POLICY_KEYS,
  type Redact,
  refuseUnknownKeys,
  shown,
  type TrackingPolicy,
} from '../../protocol/index.js';

/** The options that do not depend on where jobs are kept. */
export interface CoreOptions {
  /** The policy of every kind and call that does not say otherwise, key by key. */
  defaults?: Omit<TrackingPolicy, 'after'>;
  /** This process's name in leases and history: host, pid and a random part. Two live processes must not share it. 1 to 200 characters. */
  worker?: string;
  /** '10s' for handlers to end after SIGTERM; then their signals fire, and they get as long again to settle. At most 2^31-1 ms. */
  grace?: Duration;
  /** Runs on data, checkpoint, output and error before anything is stored. What it throws refuses data and checkpoints, and drops an output. */
  redact?: Redact;
  /**
   * Listeners that are told what happened to jobs, beside the logger and in this order. One that throws changes no run.
   * @default []
   */
  events?: readonly JobEvents[];
  /** Bytes of JSON: 1 MiB, 64 KiB, 1 MiB, 16 KiB. */
  limits?: { data?: number; checkpoint?: number; output?: number; error?: number };
}

export const CORE_OPTION_KEYS = [
  'defaults',
  'worker',
  'grace',
  'redact',
  'events',
  'limits',
] as const satisfies readonly (keyof CoreOptions)[];

const DEFAULT_KEYS = POLICY_KEYS.filter((key) => key !== 'after');
const LEAST_LIMIT = 256;

export type ResolvedCoreOptions = Required<Omit<CoreOptions, 'redact' | 'grace' | 'limits'>> & {
  grace: number;
  redact: Redact | undefined;
  limits: Required<NonNullable<CoreOptions['limits']>>;
};

/** Throws InvalidOptionsError that names the option, what was expected and what came. */
export function resolveCoreOptions(options: CoreOptions, where: string): ResolvedCoreOptions {
  const { defaults = {}, worker = workerName(), grace = '10s', redact, events = [], limits = {} } = options;
  refuseUnknownKeys(defaults, DEFAULT_KEYS, `${where}: defaults`);
  checkPolicy(defaults, `${where}: defaults`);
  if (
    typeof worker !== 'string' ||
    worker.length === 0 ||
    worker.length > 200 ||
    worker.includes('\0') ||
    !worker.isWellFormed()
  )
    throw new InvalidOptionsError(
      `${where}: expected worker to be a text of 1 to 200 characters, got: ${shown(worker)}`,
    );
  if (redact !== undefined && typeof redact !== 'function')
    throw new InvalidOptionsError(`${where}: expected redact to be a function, got: ${shown(redact)}`);
  if (!Array.isArray(events) || !events.every((listener) => typeof listener?.announce === 'function'))
    throw new InvalidOptionsError(
      `${where}: expected events to be an array of listeners, each with a method announce, got: ${shown(events)}`,
    );
  refuseUnknownKeys(limits, Object.keys(PAYLOAD_LIMITS), `${where}: limits`);
  for (const [field, limit] of Object.entries(limits))
    if (limit !== undefined && !(Number.isInteger(limit) && limit >= LEAST_LIMIT))
      throw new InvalidOptionsError(
        `${where}: expected limits.${field} to be a whole number of bytes, at least ${LEAST_LIMIT}, got: ${shown(limit)}`,
      );
  const bounded = Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
  return {
    defaults,
    worker,
    redact,
    events,
    grace: milliseconds(grace, `${where}: grace`, { atMost: LONGEST_TIMER }),
    limits: { ...PAYLOAD_LIMITS, ...bounded },
  };
}

function workerName(): string {
  return `${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`.slice(-200);
}
