import type { AttemptOutcome } from '../job/job.js';
import type { JobKey } from '../job/job-key.js';

/**
 * A job as its store keeps it, row and history as they stood at one moment, whatever stands there: for checks. Times are milliseconds of the
 * store's clock. Tokens are digests: alike for one token, with no way back to it.
 */
export interface JobRecord extends JobKey {
  /** null: history that belongs to no job. */
  row: RecordedRow | null;
  /** By claim, oldest first. */
  past: readonly RecordedAttempt[];
}

export interface RecordedRow {
  status: string;
  outcome: string | null;
  claims: number;
  /** How many of the oldest claims have no record in history any more, as it was purged on purpose. */
  purged: number;
  attempts: number;
  failures: number;
  crashes: number;
  maxAttempts: number | null;
  priority: number;
  token: string | null;
  worker: string | null;
  startedAt: number | null;
  finishedAt: number | null;
  expiresAt: number | null;
  progress: number | null;
  reason: string | null;
  hasError: boolean;
  hasData: boolean;
  /** JSON text. null: there is none, or a success may have replaced what was registered. */
  data: string | null;
  dataHash: string | null;
}

export interface RecordedAttempt {
  claim: number;
  attempt: number;
  token: string;
  outcome: string;
  startedAt: number;
  endedAt: number;
  hasError: boolean;
}

const GIVEN_BACK: Readonly<Record<AttemptOutcome, boolean>> = {
  succeeded: false,
  failed: false,
  ignored: false,
  snoozed: true,
  interrupted: true,
  released: true,
  crashed: false,
};

/** undefined: no outcome that there is. */
export function givesBack(outcome: string): boolean | undefined {
  return Object.hasOwn(GIVEN_BACK, outcome) ? GIVEN_BACK[outcome as AttemptOutcome] : undefined;
}

/** One grant, past or last, as far as it is known. */
export interface RecordedGrant {
  claim: number;
  /** Grants between the one before and this one of which nothing is known: their records were purged, or are missing. */
  unknown: number;
  /** null: it is the last one, which counts in the row. */
  attempt: number | null;
  token: string | null;
  /** null: it runs. */
  outcome: string | null;
  startedAt: number | null;
  endedAt: number | null;
}

/** By claim, each once. What history holds beyond its bounds is not among them. */
export function grantsOf({ row, past }: JobRecord): RecordedGrant[] {
  const grants: RecordedGrant[] = [];
  const add = (grant: Omit<RecordedGrant, 'unknown'>) => {
    const before = grants.at(-1)?.claim ?? 0;
    if (grant.claim > before) grants.push({ ...grant, unknown: grant.claim - before - 1 });
  };
  for (const record of past) if (row === null || isWithin(record.claim, row)) add(record);
  if (row !== null && row.claims > 0)
    add({ ...row, claim: row.claims, attempt: null, endedAt: row.expiresAt === null ? row.finishedAt : null });
  return grants;
}

function isWithin(claim: number, row: RecordedRow): boolean {
  return claim > purgedOf(row) && claim < row.claims;
}

/** As far as it can be: a number out of its bounds says nothing about history. */
export function purgedOf({ purged, claims }: RecordedRow): number {
  return isPurgedWithin({ purged, claims }) ? purged : 0;
}

export function isPurgedWithin({ purged, claims }: Pick<RecordedRow, 'purged' | 'claims'>): boolean {
  return purged >= 0 && purged <= Math.max(claims - 1, 0);
}
