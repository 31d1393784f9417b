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
} from '../protocol/index.js';
import type { Clock } from './clock.js';
import { cursorOf, placeOf } from './cursor.js';
import { byText, matches } from './filter.js';
import { recordOf } from './record.js';
import { attemptsOf, type JobRow, snapshotOf } from './row.js';
import type { Table } from './table.js';

export class MemoryJobReader implements JobReader {
  constructor(
    protected readonly table: Table,
    protected readonly clock: Clock,
  ) {}

  async get(key: JobKey): Promise<JobSnapshot | null> {
    const row = this.table.get(key);
    return row ? snapshotOf(row) : null;
  }

  async attempts(key: JobKey): Promise<JobAttemptSnapshot[]> {
    const row = this.table.get(key);
    return row ? attemptsOf(row, this.clock.now()) : [];
  }

  async list(filter: JobFilter, { order, limit, cursor }: PageRequest): Promise<Page<JobSnapshot>> {
    const after = placeOf(cursor, order);
    const sign = order === 'oldest' ? 1 : -1;
    const rows = this.#matching(filter).sort((a, b) => sign * compare(a, b));
    const rest = after ? rows.filter((row) => sign * compare(row, after) > 0) : rows;
    const page = rest.slice(0, limit);
    const last = rest.length > limit ? page.at(-1) : undefined;
    return { items: page.map(snapshotOf), next: last ? cursorOf(last, order) : null };
  }

  async count(filter: JobFilter): Promise<number> {
    return Math.min(this.#matching(filter).length, filter.limit ?? Number.POSITIVE_INFINITY);
  }

  async summary(kind?: string): Promise<Record<string, Record<JobStatus, number>>> {
    const summary = new Map<string, Record<JobStatus, number>>();
    for (const row of this.#matching(kind === undefined ? {} : { kind })) {
      const none = Object.fromEntries(JOB_STATUSES.map((status) => [status, 0])) as Record<JobStatus, number>;
      const statuses = summary.get(row.kind) ?? none;
      statuses[row.state.status]++;
      summary.set(row.kind, statuses);
    }
    return Object.fromEntries(summary);
  }

  async records(filter: JobFilter, after: JobKey | null, limit: number): Promise<JobRecord[]> {
    const rest = this.#matching(filter).filter((row) => after === null || compareKeys(row, after) > 0);
    return rest.sort(compareKeys).slice(0, limit).map(recordOf);
  }

  #matching(filter: JobFilter): JobRow[] {
    return this.table.all().filter((row) => matches(row, filter));
  }
}

interface Place {
  kind: string;
  id: string;
  state: { updatedAt: number };
}

function compare(a: Place, b: Place): number {
  return a.state.updatedAt - b.state.updatedAt || compareKeys(a, b);
}

function compareKeys(a: JobKey, b: JobKey): number {
  return byText(a.kind, b.kind) || byText(a.id, b.id);
}
