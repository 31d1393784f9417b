import { JobTrackingError, type RunOutcome } from 'nestjs-job-tracking';
import type { Sql } from './connection.js';
import { grantRecords } from './history.js';

/** What one caller asked for and was told. */
export interface Told {
  id: string;
  /** Of the grant that its handler ran under; null: it did not run. */
  claim: number | null;
  status: RunOutcome<unknown>['status'] | 'threw';
  output?: unknown;
  /** The code of a tracking error, or the message of another. */
  error?: string;
  /** Of the error, whosever: a tracking error that a handler's own call met is the job's failure, and kept as it reads. */
  message?: string;
}

export function toldOf(id: string, claim: number | null, outcome: RunOutcome<unknown>): Told {
  if (outcome.status === 'succeeded') return { id, claim, status: 'succeeded', output: outcome.output };
  return { id, claim, status: outcome.status, error: wordOf(outcome.error), message: messageOf(outcome.error) };
}

export function toldByThrow(id: string, claim: number | null, error: unknown): Told {
  return { id, claim, status: 'threw', error: wordOf(error) };
}

export function wordOf(error: unknown): string {
  if (error instanceof JobTrackingError) return error.code;
  return messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** How the record of a grant may read whose caller was told so. */
const RECORDED: Readonly<Record<Told['status'], readonly (string | null)[]>> = {
  succeeded: ['succeeded'],
  failed: ['failed'],
  ignored: ['ignored', 'failed'],
  pending: ['snoozed', 'interrupted', 'released'],
  lost: ['crashed', 'released'],
  refused: [],
  threw: [],
};

/** Callers who were told something else than what stands in row and history. */
export async function liesTold(sql: Sql, kind: string, told: readonly Told[]): Promise<string[]> {
  const records = new Map((await grantRecords(sql, kind)).map((record) => [`${record.id} ${record.claim}`, record]));
  const rows = await sql<{ id: string; claims: number; output: unknown }>(
    'select id, claims::int, output from job where kind = $1',
    [kind],
  );
  const outputs = new Map(rows.map(({ id, claims, output }) => [`${id} ${claims}`, output]));
  return told.flatMap((call) => {
    const grant = `${call.id} ${call.claim}`;
    const record = records.get(grant);
    const lie = (why: string) => [`${grant}: told ${call.status} (${call.error ?? ''}), ${why}`];
    if (call.claim === null)
      return ['refused', 'threw', 'pending'].includes(call.status) ? [] : lie('though its handler did not run');
    if (!record) return lie('its grant has no record');
    if (!RECORDED[call.status].includes(record.outcome)) return lie(`recorded ${record.outcome}`);
    if (call.status === 'failed' && record.error?.message !== call.message) return lie(`kept ${record.error?.message}`);
    const kept = outputs.get(grant);
    if (call.status === 'succeeded' && kept !== undefined && JSON.stringify(kept) !== JSON.stringify(call.output))
      return lie(`kept the output ${JSON.stringify(kept)}`);
    return [];
  });
}
