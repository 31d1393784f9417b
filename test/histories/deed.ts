import type { AttemptOutcome, Ending, FailureRecord, JobStatus } from 'nestjs-job-tracking/core';

/** One of the few jobs that a history is about: kind and id. */
export type Key = `${'a' | 'b'}/${1 | 2}`;

export interface Given {
  data: 'x' | 'y' | null;
  /** Milliseconds from now; null: now, without saying so. */
  runIn: number | null;
  bound: number | null;
  priority: number;
}

export interface Terms {
  lease: number;
  maxAttempts: number;
  maxCrashes: number;
  /** Kind a must have succeeded first. */
  afterA: boolean;
}

/** Whose last grant is meant, or the one before it. */
export interface Holding {
  worker: string;
  back: 0 | 1;
}

/** What somebody does to the store. */
export type Deed =
  | { verb: 'register'; key: Key; given: Given }
  | { verb: 'registerSet'; jobs: readonly { key: Key; given: Given }[] }
  | {
      verb: 'claim';
      worker: string;
      key: Key;
      terms: Terms;
      rerun: boolean;
      early: boolean;
      given: Given | null;
      /** The data that the job must have been registered with; undefined: any. */
      compare: 'x' | 'y' | null | undefined;
    }
  | { verb: 'resend'; worker: string; which: 'asked' | 'granted' }
  | { verb: 'claimDue'; worker: string; kind: 'a' | 'b'; limit: number; terms: Terms }
  | (Holding & { verb: 'renew'; lease: number; fraction: number | null })
  | (Holding & { verb: 'checkpoint'; state: number })
  | (Holding & { verb: 'isHeld' })
  | (Holding & { verb: 'succeed'; output: 'done' | null; data: 'z' | undefined; reason: string | null })
  | (Holding & { verb: 'end'; outcome: Ending['outcome']; delay: number; maxAttempts: number })
  | { verb: 'retry'; key: Key; rerun: boolean }
  | { verb: 'ignore' | 'release' | 'remove'; key: Key }
  | { verb: 'retryMany'; many: Many; rerun: boolean }
  | { verb: 'ignoreMany' | 'removeMany'; many: Many }
  | { verb: 'pass'; ms: number };

export interface Many {
  kind: 'a' | 'b';
  statuses: readonly JobStatus[] | undefined;
  limit: number | undefined;
}

export const NO: FailureRecord = { name: 'Error', message: 'no', fingerprint: 'f00d' };

export type Claiming = Extract<Deed, { verb: 'claim' }>;
export type Writing = Extract<Deed, Holding>;

/** A deed as it is sent, with the token that it names. */
export type Sent =
  | (Claiming & { token: string })
  | (Writing & { key: Key; token: string })
  | Exclude<Deed, Claiming | Writing | { verb: 'resend' }>;

/** As a line of a history. */
export function told(deed: Deed): string {
  switch (deed.verb) {
    case 'register':
      return `register ${deed.key}${givenText(deed.given)}`;
    case 'registerSet':
      return `register the set ${deed.jobs.map(({ key, given }) => key + givenText(given)).join(', ')}`;
    case 'claim':
      return `${deed.worker} claims ${deed.key}${termsText(deed.terms)}${claimText(deed)}`;
    case 'resend':
      return `${deed.worker} sends its last claim ${deed.which === 'granted' ? 'that was granted ' : ''}again`;
    case 'claimDue':
      return `${deed.worker} claims ${deed.limit} due of ${deed.kind}${termsText(deed.terms)}`;
    case 'pass':
      return `${deed.ms} ms pass`;
    case 'retry':
      return `retry ${deed.key}${deed.rerun ? ', rerun' : ''}`;
    case 'ignore':
    case 'release':
    case 'remove':
      return `${deed.verb} ${deed.key}`;
    case 'retryMany':
    case 'ignoreMany':
    case 'removeMany':
      return `${deed.verb}${manyText(deed.many)}${'rerun' in deed && deed.rerun ? ', rerun' : ''}`;
    default:
      return `${deed.worker}${deed.back ? ', by its grant before last,' : ''} ${writeText(deed)}`;
  }
}

function writeText(deed: Writing): string {
  switch (deed.verb) {
    case 'renew':
      return `renews for ${deed.lease} ms${deed.fraction === null ? '' : `, ${deed.fraction} done`}`;
    case 'checkpoint':
      return `keeps the checkpoint ${deed.state}`;
    case 'isHeld':
      return 'asks whether it holds';
    case 'succeed':
      return `succeeds with ${deed.output}${deed.data ? `, sets data ${deed.data}` : ''}${deed.reason ? `, ${deed.reason}` : ''}`;
    case 'end':
      return `ends ${deed.outcome}, due in ${deed.delay} ms, at most ${deed.maxAttempts} attempts`;
  }
}

function givenText({ data, runIn, bound, priority }: Given): string {
  const parts = [
    data && `data ${data}`,
    runIn === null ? null : `due in ${runIn} ms`,
    bound && `at most ${bound} attempts`,
    priority && `priority ${priority}`,
  ].filter(Boolean);
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

function termsText({ lease, maxAttempts, maxCrashes, afterA }: Terms): string {
  return ` for ${lease} ms (at most ${maxAttempts} attempts, ${maxCrashes} crashes${afterA ? ', after a' : ''})`;
}

function claimText({ rerun, early, given, compare }: Claiming): string {
  const registering = given ? `, registering it${givenText(given)}` : '';
  return `${rerun ? ', rerun' : ''}${early ? ', early' : ''}${registering}${compare === undefined ? '' : `, if its data is ${compare}`}`;
}

function manyText({ kind, statuses, limit }: Many): string {
  return ` of ${kind}${statuses ? `, ${statuses.join(' or ')}` : ''}${limit ? `, at most ${limit}` : ''}`;
}

export function errorOf(outcome: AttemptOutcome): FailureRecord | null {
  return outcome === 'failed' || outcome === 'ignored' ? NO : null;
}
