import { type Duration, LONGEST_TIMER, milliseconds } from '../options/duration.js';
import { InvalidOptionsError } from '../options/errors.js';
import { shown } from '../options/shown.js';
import { refuseUnknownKeys } from '../options/unknown-keys.js';
import { checkKind } from './job-id.js';
import type { RunOf } from './job-run.js';
import { kindName, type NamedKind } from './kind-name.js';

/** What a thrown error means. undefined: 'retry'. */
export type ErrorVerdict = 'retry' | 'ignore' | 'release' | { retryIn: Duration } | undefined;

export type OnDuplicate = 'refuse' | 'replay' | 'join' | 'skip' | 'rerun';

/** The options of a policy. `Kind` is whatever may stand for a kind in `after`. */
export interface PolicyOf<Kind extends NamedKind> {
  /**
   * '30s', renewed every third of it. How long after its worker's death a job waits to be taken over.
   * Under 500 ms is refused. Not a run time: that is `timeout`.
   */
  lease?: Duration;
  /** None. Aborts `run.signal` with JobTimeoutError; the lease is kept until the handler really ends, and only then is the failure recorded. */
  timeout?: Duration;
  /** 3. Bad endings, thrown or crashed, since the last success or retry(). 1 is at most once. A job's own value, set at registration, goes first. */
  maxAttempts?: number;
  /** 3. A tighter bound for crashes alone («its worker died 3 times»). */
  maxCrashes?: number;
  /** When `consume` and one-way handlers may run a failed job again: 1s doubling to 10m, with jitter. An explicit call may run it at once. */
  backoff?: Duration | { first: Duration; max: Duration } | ((failures: number, error: unknown) => Duration);
  /** The same id must have succeeded in these kinds. Not ready is not due: `consume` never claims it. */
  after?: Kind | readonly Kind[];
  /** 'ignore': it can never succeed. 'release': not the job's fault, pending again, nothing counted. One that throws means 'retry'. */
  classify?(error: unknown, run: RunOf): ErrorVerdict;
  /** 'register': a job that is missing is made by the call that asks for it. 'refuse': JobNotFoundError. */
  onMissing?: 'register' | 'refuse';
  /**
   * What a call gets that finds the job succeeded / running. (A failed job runs again; an ignored one is always refused.)
   * 'refuse' (default): JobAlreadySucceededError / JobLockedError. 'replay': the stored output / JobLockedError. 'join': the stored output / waits for it.
   * 'skip' (handlers only): undefined / undefined where nothing redelivers (@OnEvent, cron, timers), JobLockedError where a broker does.
   * 'rerun': runs again / JobLockedError. Handlers that nobody waits for skip unless they are told otherwise; BullMQ processors replay.
   * With replay and join the first caller too gets the stored form, and other data under the same id is JobMismatchError.
   */
  onDuplicate?: OnDuplicate;
  /**
   * What a call gets that is made inside an open transaction of its MikroORM context. 'refuse': OpenTransactionError before anything is claimed. What
   * the run writes would stay when the caller rolls back, and a row that the caller has locked would be waited for without end. 'apart': the run gets
   * an EntityManager without anything that the caller has loaded or has pending.
   * @default 'refuse'
   */
  insideTransaction?: 'refuse' | 'apart';
}

export type AnyPolicy = PolicyOf<NamedKind>;

/** A policy with every question answered; times in milliseconds. */
export interface ResolvedPolicy {
  lease: number;
  timeout: number | null;
  maxAttempts: number;
  maxCrashes: number;
  backoff: NonNullable<AnyPolicy['backoff']>;
  after: readonly string[];
  classify: NonNullable<AnyPolicy['classify']>;
  onMissing: 'register' | 'refuse';
  onDuplicate: OnDuplicate;
  insideTransaction: 'refuse' | 'apart';
  /** A failed job runs before its backoff has passed. No option: it depends on who calls. */
  early: boolean;
}

export const POLICY_KEYS = [
  'lease',
  'timeout',
  'maxAttempts',
  'maxCrashes',
  'backoff',
  'after',
  'classify',
  'onMissing',
  'onDuplicate',
  'insideTransaction',
] as const satisfies readonly (keyof AnyPolicy)[];

/** Milliseconds. A store may hurry a renewal in the measure of its lease. */
export const SHORTEST_LEASE = 500;

/** The first layer that answers a question wins; what none answers is the built-in policy's. Layers have been checked. */
export function resolvePolicy(...layers: (AnyPolicy | undefined)[]): ResolvedPolicy {
  const first = <K extends keyof AnyPolicy>(key: K): AnyPolicy[K] =>
    layers.find((layer) => layer?.[key] !== undefined)?.[key];
  const timeout = first('timeout');
  return {
    lease: milliseconds(first('lease') ?? '30s', 'lease'),
    timeout: timeout === undefined ? null : milliseconds(timeout, 'timeout'),
    maxAttempts: first('maxAttempts') ?? 3,
    maxCrashes: first('maxCrashes') ?? 3,
    backoff: first('backoff') ?? { first: '1s', max: '10m' },
    after: [first('after') ?? []].flat().map(kindName),
    classify: first('classify') ?? (() => undefined),
    onMissing: first('onMissing') ?? 'register',
    onDuplicate: first('onDuplicate') ?? 'refuse',
    insideTransaction: first('insideTransaction') ?? 'refuse',
    early: true,
  };
}

/** Throws InvalidOptionsError that names the first option that is out of its range. Keys other than a policy's are not looked at. */
export function checkPolicy(policy: AnyPolicy, where: string): void {
  const refuse = (key: keyof AnyPolicy, expected: string): never => {
    throw new InvalidOptionsError(`${where}: expected ${key} to be ${expected}, got: ${shown(policy[key])}`);
  };
  const { lease, timeout, backoff, after, classify, onMissing, onDuplicate, insideTransaction } = policy;
  if (lease !== undefined) milliseconds(lease, `${where}: lease`, { atLeast: SHORTEST_LEASE, atMost: LONGEST_TIMER });
  if (timeout !== undefined) milliseconds(timeout, `${where}: timeout`, { atLeast: 1, atMost: LONGEST_TIMER });
  for (const key of ['maxAttempts', 'maxCrashes'] as const)
    if (policy[key] !== undefined && !isAttemptBound(policy[key])) refuse(key, 'a whole number from 1 to 1000000');
  if (backoff !== undefined && typeof backoff !== 'function') checkBackoff(backoff, where);
  if (after !== undefined && ![after].flat().every(isKind)) refuse('after', 'a kind, or an array of kinds');
  if (classify !== undefined && typeof classify !== 'function') refuse('classify', 'a function');
  if (onMissing !== undefined && !['register', 'refuse'].includes(onMissing))
    refuse('onMissing', "one of 'register', 'refuse'");
  if (onDuplicate !== undefined && !['refuse', 'replay', 'join', 'skip', 'rerun'].includes(onDuplicate))
    refuse('onDuplicate', "one of 'refuse', 'replay', 'join', 'skip', 'rerun'");
  if (insideTransaction !== undefined && !['refuse', 'apart'].includes(insideTransaction))
    refuse('insideTransaction', "one of 'refuse', 'apart'");
}

/** A kind that is undefined (as in a circle of imports) is none, not the default one. */
function isKind(kind: unknown): boolean {
  try {
    return typeof checkKind(typeof kind === 'string' ? kind : (kind as { kind: unknown }).kind) === 'string';
  } catch {
    return false;
  }
}

export function isAttemptBound(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1_000_000;
}

function checkBackoff(backoff: Exclude<NonNullable<AnyPolicy['backoff']>, () => unknown>, where: string): void {
  if (typeof backoff !== 'object') {
    milliseconds(backoff, `${where}: backoff`);
    return;
  }
  refuseUnknownKeys(backoff, ['first', 'max'], `${where}: backoff`);
  const first = milliseconds(backoff.first, `${where}: backoff.first`);
  milliseconds(backoff.max, `${where}: backoff.max`, { atLeast: first });
}
