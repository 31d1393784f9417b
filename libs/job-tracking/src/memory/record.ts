import { createHash } from 'node:crypto';
import type { Attempt, JobRecord, RecordedAttempt } from '../protocol/index.js';
import type { JobRow } from './row.js';

export function recordOf({ kind, id, state, dataHash, priority, past }: JobRow): JobRecord {
  const { token, error, data, progress, output: _, checkpoint: __, runAt: ___, updatedAt: ____, ...row } = state;
  return {
    kind,
    id,
    row: {
      ...row,
      purged: 0,
      priority,
      token: token === null ? null : digestOf(token),
      progress: progress?.fraction ?? null,
      hasError: error !== null,
      hasData: data !== null,
      data,
      dataHash,
    },
    past: past.map(recordedAttemptOf),
  };
}

function recordedAttemptOf({ claim, attempt, token, outcome, startedAt, finishedAt, error }: Attempt): RecordedAttempt {
  const hasError = error !== null;
  return { claim, attempt, token: digestOf(token), outcome, startedAt, endedAt: finishedAt, hasError };
}

/** Tokens stay in the store. */
function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
