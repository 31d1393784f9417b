import { JOB_STATUSES, type JobStatus } from '../job/job.js';
import { checkId, checkKind } from '../job/job-id.js';
import type { KindRef } from '../job/kind.js';
import { kindName } from '../job/kind-name.js';
import { InvalidJobError, InvalidOptionsError } from '../options/errors.js';
import { oneOf, shown } from '../options/shown.js';
import { refuseUnknownKeys } from '../options/unknown-keys.js';

/** Which jobs: all conditions hold. A condition left out is none; an empty array matches nothing. */
export interface JobQuery<K extends KindRef = KindRef> {
  kind?: K;
  status?: JobStatus | readonly JobStatus[];
  ids?: readonly string[];
  /** One job is named by the verbs of one job. Here it would read as a condition and, left undefined, mean every job. */
  id?: never;
  updatedBefore?: Date;
  updatedAfter?: Date;
  errorFingerprint?: string;
  /** No condition: how many at the most. */
  limit?: number;
}

/** A query, checked: undefined conditions are gone. */
export interface JobFilter {
  kind?: string;
  statuses?: readonly JobStatus[];
  ids?: readonly string[];
  updatedBefore?: Date;
  updatedAfter?: Date;
  errorFingerprint?: string;
  limit?: number;
}

export type PageOrder = 'oldest' | 'newest';

export interface PageRequest {
  order: PageOrder;
  limit: number;
  cursor: string | null;
}

const CONDITIONS = ['kind', 'status', 'ids', 'updatedBefore', 'updatedAfter', 'errorFingerprint'] as const;
const QUERY_KEYS = [...CONDITIONS, 'limit'] as const;
const PAGE_SIZE = 100;

/** A read's query: everything may be left out or undefined. Throws InvalidOptionsError that names the key. */
export function checkQuery(query: JobQuery, where: string, alsoKnown: readonly string[] = []): JobFilter {
  refuseId(query, where);
  refuseUnknownKeys(query, [...QUERY_KEYS, ...alsoKnown], where);
  return filterOf(query, where);
}

/** The query of a verb that changes many jobs: at least one condition, and none that is undefined. Throws InvalidOptionsError. */
export function checkManyQuery(query: JobQuery, where: string): JobFilter {
  const filter = checkQuery(query, where);
  for (const key of Object.keys(query))
    if (query[key as keyof JobQuery] === undefined)
      throw new InvalidOptionsError(
        `${where}: ${key} is undefined, which would match every job; leave the key out if that is meant`,
      );
  if (!CONDITIONS.some((key) => key in query))
    throw new InvalidOptionsError(`${where}: expected at least one condition (${CONDITIONS.join(', ')}), got none`);
  return filter;
}

/** `list`'s query: a filter, and which page of it. */
export function checkListQuery(
  query: JobQuery & { order?: PageOrder; cursor?: string },
  where: string,
): { filter: JobFilter; page: PageRequest } {
  const filter = checkQuery(query, where, ['order', 'cursor']);
  const { order = 'oldest', cursor } = query;
  if (order !== 'oldest' && order !== 'newest')
    throw new InvalidOptionsError(`${where}: expected order to be one of 'oldest', 'newest', got: ${shown(order)}`);
  if (cursor !== undefined && typeof cursor !== 'string')
    throw new InvalidOptionsError(`${where}: expected cursor to be the 'next' of a page, got: ${shown(cursor)}`);
  return { filter, page: { order, limit: filter.limit ?? PAGE_SIZE, cursor: cursor ?? null } };
}

function refuseId(query: JobQuery, where: string): void {
  if (typeof query === 'object' && query !== null && 'id' in query)
    throw new InvalidOptionsError(`${where}: a query has no id; name one job by the verb for one job, several by ids`);
}

function filterOf(query: JobQuery, where: string): JobFilter {
  const { kind, status, ids, errorFingerprint, limit } = query;
  const refuse = (key: keyof JobQuery, expected: string, got: unknown): never => {
    throw new InvalidOptionsError(`${where}: expected ${key} to be ${expected}, got: ${shown(got)}`);
  };
  const filter: JobFilter = {};
  if (kind !== undefined) filter.kind = asOption(where, () => checkKind(kind === null ? kind : kindName(kind)));
  if (status !== undefined) {
    filter.statuses = [status].flat();
    for (const one of filter.statuses) if (!JOB_STATUSES.includes(one)) refuse('status', oneOf(JOB_STATUSES), one);
  }
  if (ids !== undefined)
    filter.ids = Array.isArray(ids)
      ? asOption(where, () => ids.map((id, i) => checkId(id, `ids[${i}]`)))
      : refuse('ids', 'an array', ids);
  for (const key of ['updatedBefore', 'updatedAfter'] as const) {
    const time = query[key];
    if (time !== undefined)
      filter[key] = time instanceof Date && !Number.isNaN(time.getTime()) ? time : refuse(key, 'a Date', time);
  }
  if (errorFingerprint !== undefined)
    filter.errorFingerprint =
      typeof errorFingerprint === 'string' && !errorFingerprint.includes('\0')
        ? errorFingerprint
        : refuse('errorFingerprint', 'a text without NUL characters', errorFingerprint);
  if (limit !== undefined)
    filter.limit =
      Number.isInteger(limit) && limit >= 1 && limit <= 100_000
        ? limit
        : refuse('limit', 'a whole number from 1 to 100000', limit);
  return filter;
}

/** A malformed name in a query is a fault of the query, not of a job. */
function asOption<T>(where: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof InvalidJobError ? new InvalidOptionsError(`${where}: ${error.message}`) : error;
  }
}
