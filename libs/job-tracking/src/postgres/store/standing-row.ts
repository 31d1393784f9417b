import type { ClaimRequest } from '../../protocol/index.js';
import type { Database } from '../sending/database.js';
import { readStanding } from '../sql/read-standing.js';
import { type Flag, jsonOf } from './as-text.js';
import type { MaybeJobRow } from './row.js';

/** How the job of a claim stands. */
export type StandingRow = MaybeJobRow & {
  granted: boolean;
  expired: boolean;
  /** What an earlier sending of this claim was granted has ended, or run out: it is never granted again. */
  used: boolean;
  mismatch: boolean;
  waits_for: string[];
};

/** As the statement writes it. */
type StandingText = MaybeJobRow & Record<'granted' | 'expired' | 'used' | 'mismatch', Flag> & { waits_for: string };

export async function stands(
  db: Database,
  { kind, id, token, dataHash, after }: ClaimRequest,
): Promise<{ row: StandingRow; sentAt: number }> {
  const { rows, sentAt } = await db.query<StandingText>(readStanding, [
    kind,
    id,
    token,
    dataHash !== undefined,
    dataHash ?? null,
    after,
  ]);
  const row = rows[0] as StandingText;
  const { granted, expired, used, mismatch, waits_for } = row;
  const flags = {
    granted: granted === 'true',
    expired: expired === 'true',
    used: used === 'true',
    mismatch: mismatch === 'true',
  };
  return { row: { ...row, ...flags, waits_for: jsonOf<string[]>(waits_for) ?? [] }, sentAt };
}
