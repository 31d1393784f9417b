import { keyOf } from '../job/job-key.js';
import { type JobRef, type JobSpec, kindValue } from '../job/kind.js';
import { isAttemptBound } from '../job/policy.js';
import { InvalidJobError } from '../options/errors.js';
import { oneOf, shown } from '../options/shown.js';
import { nearest } from '../options/unknown-keys.js';
import type { Payloads } from '../payload/payloads.js';
import type { NewJob } from '../store/job-store.js';

const SPEC_KEYS = ['kind', 'id', 'data', 'runAt', 'priority', 'maxAttempts'];

/** A job to write, checked before anything is written. Throws InvalidJobError that names the field. */
export async function newJob(spec: JobSpec | JobRef, payloads: Payloads): Promise<NewJob> {
  const key = keyOf(spec);
  const { data, runAt, priority, maxAttempts, kind } = specOf(spec);
  const refuse = (field: string, expected: string, got: unknown): never => {
    throw new InvalidJobError(field, `expected ${field} to be ${expected}, got: ${shown(got)}`);
  };
  if (runAt !== undefined && !(runAt instanceof Date && !Number.isNaN(runAt.getTime())))
    refuse('runAt', 'a Date', runAt);
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority <= 9))
    refuse('priority', 'a whole number from 0 to 9', priority);
  if (maxAttempts !== undefined && !isAttemptBound(maxAttempts))
    refuse('maxAttempts', 'a whole number from 1 to 1000000', maxAttempts);
  const payload = await payloads.data(data, kindValue(kind));
  return { ...key, ...payload, runAt: runAt ?? null, priority: priority ?? 0, maxAttempts: maxAttempts ?? null };
}

type AnySpec = Exclude<JobRef, string> & { data?: unknown; runAt?: Date; priority?: number; maxAttempts?: number };

/** The parts of a job that a caller gave; an id alone is a job without any. */
export function specOf(job: JobSpec | JobRef): AnySpec {
  if (typeof job === 'string') return { id: job };
  if (typeof job !== 'object' || job === null)
    throw new InvalidJobError('id', `expected a job to be an id or an object with an id, got: ${shown(job)}`);
  for (const key of Object.keys(job)) {
    if (SPEC_KEYS.includes(key)) continue;
    const near = nearest(key, SPEC_KEYS);
    throw new InvalidJobError(
      key,
      `a job has no '${key}', ${near ? `did you mean '${near}'?` : `expected ${oneOf(SPEC_KEYS)}`}`,
    );
  }
  return job as AnySpec;
}
