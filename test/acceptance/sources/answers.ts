import type { CallEnd } from './calls.js';
import type { Family } from './source.js';

/** What may become of a job, as far as it is told to whoever called. */
export const FACTS = [
  'success',
  'duplicate',
  'replayed',
  'mismatch',
  'failure',
  'lastFailure',
  'ignored',
  'backingOff',
  'locked',
  'lost',
  'snoozed',
  'interrupted',
] as const;
export type Fact = (typeof FACTS)[number];

const threw = (words: string): CallEnd => ({ threw: words });
const done: CallEnd = { returned: 'done' };
const nothing: CallEnd = { returned: undefined };

const caller: Record<Fact, CallEnd> = {
  success: done,
  duplicate: threw('JOB_ALREADY_SUCCEEDED'),
  replayed: done,
  mismatch: threw('JOB_MISMATCH'),
  failure: threw('Error: failure'),
  lastFailure: threw('Error: lastFailure'),
  ignored: threw('JOB_IGNORED'),
  /** It runs: somebody asks for it. */
  backingOff: done,
  locked: threw('JOB_LOCKED'),
  lost: threw('LEASE_LOST'),
  snoozed: threw('JOB_NOT_DUE'),
  interrupted: threw('JOB_INTERRUPTED'),
};

/** What is final is not thrown: to deliver the message again would mend nothing. */
const broker: Record<Fact, CallEnd> = {
  ...caller,
  duplicate: nothing,
  mismatch: nothing,
  lastFailure: nothing,
  ignored: nothing,
  backingOff: threw('JOB_NOT_DUE'),
};

/** Nothing would redeliver. */
const emitter: Record<Fact, CallEnd> = { ...broker, locked: nothing };

const timer: Record<Fact, CallEnd> = {
  ...emitter,
  failure: nothing,
  backingOff: nothing,
  lost: nothing,
  snoozed: nothing,
  interrupted: nothing,
};

/** What is final fails for good; the rest is tried again by BullMQ's own settings. */
const queue: Record<Fact, CallEnd> = {
  ...caller,
  duplicate: done,
  mismatch: threw('UnrecoverableError: JOB_MISMATCH'),
  lastFailure: threw('UnrecoverableError: Error: lastFailure'),
  ignored: threw('UnrecoverableError: JOB_IGNORED'),
};

/** What a handler's call comes to. */
export const CALL_ENDS: Record<Family, Record<Fact, CallEnd>> = { caller, broker, emitter, timer, queue };

/** Where a message is brought again until it is acknowledged, this is what it is brought again for. */
export function comesAgain(family: Family, fact: Fact): boolean {
  const end = CALL_ENDS[family][fact];
  return 'threw' in end && !end.threw.startsWith('UnrecoverableError');
}
