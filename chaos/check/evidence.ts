import type { JobTrackerService } from 'nestjs-job-tracking';
import type { Pool } from 'pg';
import type { Entry, JournalEntry, Output } from '../journal.js';
import { KIND } from '../work/terms.js';

/** `now()` of the database and `Date.now()` are one clock here, cut to the millisecond. */
export const CLOCKS = 1;

type Violation = Awaited<ReturnType<JobTrackerService['verify']>>['violations'][number];

export interface JobRow {
  id: string;
  status: string;
  claims: number;
  output: Output | null;
  data: { of: number } | null;
}

/** The record of a grant. Times in milliseconds since the epoch, by the database's clock. */
export interface GrantRecord {
  id: string;
  claim: number;
  worker: string;
  outcome: string | null;
  startedAt: number;
  endedAt: number | null;
}

export interface EffectRow {
  id: string;
  claim: number;
  worker: string;
  what: 'start' | 'end';
  claimsThen: number | null;
  statusThen: string | null;
  workerThen: string | null;
}

/** All that is known of a run when everybody has finished: the tables, and what each process noted apart from them. */
export interface Evidence {
  jobs: JobRow[];
  records: GrantRecord[];
  effects: EffectRow[];
  journal: JournalEntry[];
  /** Of `verify()`. */
  violations: Violation[];
}

const READS = {
  jobs: `select id, status, claims::int, output, data from job where kind = $1 order by id`,
  records: `
    select id, claim::int, worker, outcome, (extract(epoch from started_at) * 1000)::float8 as "startedAt",
      (extract(epoch from ended_at) * 1000)::float8 as "endedAt" from job_attempt where kind = $1 order by id, claim`,
  effects: `
    select id, claim, worker, what, claims_then as "claimsThen", status_then as "statusThen", worker_then as "workerThen"
    from effect where $1 <> '' order by at`,
};

export async function gatherEvidence(
  pool: Pool,
  tracker: JobTrackerService,
  journal: JournalEntry[],
): Promise<Evidence> {
  const read = async (text: string) => (await pool.query(text, [KIND])).rows;
  const { violations } = await tracker.verify({ kind: KIND });
  const [jobs, records, effects] = await Promise.all([read(READS.jobs), read(READS.records), read(READS.effects)]);
  return { jobs, records, effects, journal, violations };
}

export type Noted<T extends Entry['type']> = Extract<JournalEntry, { type: T }>;

export function noted<T extends Entry['type']>({ journal }: Evidence, type: T): Noted<T>[] {
  return journal.filter((entry): entry is Noted<T> => entry.type === type);
}

/** How one grant is named in reports. */
export function grantOf({ id, claim }: { id: string; claim: number | null }): string {
  return `${id} claim ${claim}`;
}

export function recordsOf({ records }: Evidence): Map<string, GrantRecord> {
  return new Map(records.map((record) => [grantOf(record), record]));
}

export function isSuccess({ outcome }: GrantRecord): boolean {
  return outcome === 'succeeded';
}
