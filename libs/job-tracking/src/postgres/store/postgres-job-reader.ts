import {
  JOB_STATUSES,
  type JobAttemptSnapshot,
  type JobFilter,
  type JobKey,
  type JobReader,
  type JobRecord,
  type JobSnapshot,
  type JobStatus,
  type Page,
  type PageRequest,
} from '../../protocol/index.js';
import type { Database } from '../sending/database.js';
import { countJobs, getJob, listAttempts, listNewest, listOldest, summariseJobs } from '../sql/read-jobs.js';
import type { Whole } from './as-text.js';
import { cursorOf, placeOf } from './cursor.js';
import { conditions } from './filter.js';
import { recordsOf } from './records.js';
import { type AttemptRow, attemptOf, type JobRow, snapshotOf } from './row.js';

export class PostgresJobReader implements JobReader {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async get({ kind, id }: JobKey): Promise<JobSnapshot | null> {
    const row = (await this.#db.query<JobRow>(getJob, [kind, id])).rows[0];
    return row ? snapshotOf(row) : null;
  }

  async attempts({ kind, id }: JobKey): Promise<JobAttemptSnapshot[]> {
    return (await this.#db.query<AttemptRow>(listAttempts, [kind, id])).rows.map(attemptOf);
  }

  async list(filter: JobFilter, { order, limit, cursor }: PageRequest): Promise<Page<JobSnapshot>> {
    const place = placeOf(cursor, order);
    const values = [...conditions(filter), limit + 1, ...place];
    const { rows } = await this.#db.query<JobRow & { exact_updated_at: string }>(
      order === 'oldest' ? listOldest : listNewest,
      values,
    );
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return { items: rows.slice(0, limit).map(snapshotOf), next: last ? cursorOf(last, order) : null };
  }

  async count(filter: JobFilter): Promise<number> {
    const { rows } = await this.#db.query<{ jobs: Whole }>(countJobs, [...conditions(filter), filter.limit ?? null]);
    return Number(rows[0]?.jobs ?? 0);
  }

  async summary(kind?: string): Promise<Record<string, Record<JobStatus, number>>> {
    const { rows } = await this.#db.query<{ kind: string; status: JobStatus; jobs: Whole }>(summariseJobs, [
      kind ?? null,
    ]);
    const summary = new Map<string, Record<JobStatus, number>>();
    for (const row of rows) {
      const none = Object.fromEntries(JOB_STATUSES.map((status) => [status, 0])) as Record<JobStatus, number>;
      const statuses = summary.get(row.kind) ?? none;
      statuses[row.status] = Number(row.jobs);
      summary.set(row.kind, statuses);
    }
    return Object.fromEntries(summary);
  }

  records(filter: JobFilter, after: JobKey | null, limit: number): Promise<JobRecord[]> {
    return recordsOf(this.#db, filter, after, limit);
  }
}
