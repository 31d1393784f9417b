import { JOB_STATUSES, type JobStatus } from '../job/job.js';
import { shown } from '../options/shown.js';
import { hashOf } from '../payload/to-json.js';
import { givesBack, isPurgedWithin, type RecordedAttempt, type RecordedRow } from '../store/job-record.js';

/** What is wrong; false: it holds. */
export type Breach = string | false;

/** The CHECKs of a job's row once more, by their names: what was written while one of them was missing is found. As there, null passes. */
export const ROW_CONSTRAINTS = {
  'job-status': ({ status }) => !JOB_STATUSES.includes(status as JobStatus) && `status is ${shown(status)}`,
  'job-outcome': ({ outcome }) => outcome !== null && !isOutcome(outcome) && `outcome is ${shown(outcome)}`,
  'job-lease': ({ status, expiresAt }) =>
    (status === 'in_progress') !== (expiresAt !== null) && `${status}, ${told({ lease: expiresAt })}`,
  'job-grant': ({ claims, token, worker, startedAt }) => {
    const never = claims === 0;
    const whole = [token, worker, startedAt].every((part) => (part === null) === never);
    return !whole && `${claims} claims, ${told({ token, worker, start: startedAt })}`;
  },
  'job-ended-attempt': ({ status, claims, outcome, finishedAt }) => {
    const ended = claims > 0 && status !== 'in_progress';
    const whole = (outcome !== null) === ended && (finishedAt !== null) === ended;
    return !whole && `${status} after ${claims} claims, ${told({ outcome, end: finishedAt })}`;
  },
  'job-end': ({ status, outcome }) =>
    (status === 'succeeded' || status === 'failed') &&
    outcome !== null &&
    outcome !== status &&
    `${status}, and its last attempt ${outcome}`,
  'job-counts': (row) =>
    !isCounted(row) &&
    `${row.claims} claims, ${row.attempts} attempts, ${row.failures} failures, ${row.crashes} crashes`,
  'job-max-attempts': ({ maxAttempts }) => maxAttempts !== null && maxAttempts <= 0 && `max_attempts is ${maxAttempts}`,
  'job-priority': ({ priority }) => !(priority >= 0 && priority <= 9) && `priority is ${priority}`,
  'job-progress': ({ progress }) => progress !== null && !(progress >= 0 && progress <= 1) && `progress is ${progress}`,
  'job-payload': ({ dataHash, hasData }) => dataHash !== null && !hasData && 'a hash without data',
  'job-purged': (row) => !isPurgedWithin(row) && `${row.purged} purged of ${row.claims} claims`,
} as const satisfies Record<string, (row: RecordedRow) => Breach>;

/** Of an attempt in history. */
export function outcomeBreach({ claim, outcome }: RecordedAttempt): Breach {
  return !isOutcome(outcome) && `claim ${claim} is ${shown(outcome)}`;
}

export function isCounted({ claims, attempts, failures, crashes }: RecordedRow): boolean {
  return attempts >= 0 && failures >= 0 && crashes >= 0 && claims >= attempts;
}

/** Why it is ignored, or why the output of its success was not kept; never in another status. */
export function reasonBreach({ status, reason }: RecordedRow): Breach {
  if (status === 'ignored') return reason === null && 'ignored without a reason';
  return status !== 'succeeded' && reason !== null && `${status} with a reason`;
}

/** The last failure's since the last success. */
export function errorBreach({ status, outcome, hasError }: RecordedRow): Breach {
  if (outcome === 'succeeded') return hasError && 'a success has not cleared the error';
  const bad = status === 'failed' || outcome === 'failed' || outcome === 'crashed';
  return bad && !hasError && `the last attempt ${outcome}, without an error`;
}

/** Of data that no success can have replaced. */
export function dataBreach({ hasData, data, dataHash }: RecordedRow): Breach {
  if (!hasData || data === null) return false;
  if (dataHash === null) return 'data without a hash';
  return hashOf(data) !== dataHash && 'the data is not what was registered';
}

function isOutcome(outcome: string): boolean {
  return givesBack(outcome) !== undefined;
}

function told(parts: Record<string, unknown>): string {
  return Object.entries(parts)
    .map(([name, part]) => `${part === null ? 'without' : 'with'} ${name}`)
    .join(', ');
}
