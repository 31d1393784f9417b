import { randomUUID } from 'node:crypto';
import { type ClaimDueRequest, type ClaimedSet, type ClaimRequest, isDue, isExpired } from '../protocol/index.js';
import { claim } from './claim.js';
import type { JobRow } from './row.js';
import type { Table } from './table.js';

/** Orphans first, as nobody else will ever end them; then what waits, by priority and time. */
export function claimDue(table: Table, request: ClaimDueRequest, now: number): ClaimedSet {
  const set: ClaimedSet = { grants: [], died: [] };
  const rows = table.waiting(request.kind);
  const orphans = rows.filter(({ state }) => isExpired(state, now));
  const waiting = rows.filter(
    ({ state, id }) => state.expiresAt === null && isDue(state, table.missingOf(request.after, id).length === 0, now),
  );
  for (const row of [...orphans, ...waiting]) {
    if (set.grants.length === request.limit) break;
    const answer = claim(table, asked(request, row), now);
    if (answer.grant) set.grants.push(answer.grant);
    else if (answer.died) set.died.push(answer.standing);
  }
  return set;
}

function asked(request: ClaimDueRequest, { id }: JobRow): ClaimRequest {
  return { ...request, id, token: randomUUID(), rerun: false, early: false, register: null, dataHash: undefined };
}
