import {
  type ClaimAnswer,
  type ClaimRequest,
  type Grant,
  type NewJob,
  registered,
  transitions,
} from '../protocol/index.js';
import { type JobRow, snapshotOf, standingOf } from './row.js';
import type { Table } from './table.js';

/** One turn of the event loop from look to write: nothing comes between. */
export function claim(table: Table, request: ClaimRequest, now: number): ClaimAnswer {
  const waitsFor = table.missingOf(request.after, request.id);
  if (request.register?.runAt && !table.get(request)) table.put(newRow(request.register, now));
  const known = table.get(request);
  const mismatch = known !== undefined && request.dataHash !== undefined && known.dataHash !== request.dataHash;
  const refused = (): ClaimAnswer => ({
    grant: null,
    died: false,
    standing: standingOf(known, now, { waitsFor, mismatch }),
  });
  const row = known ?? (request.register && newRow(request.register, now));
  if (!row || mismatch) return refused();
  if (row.past.some(({ token }) => token === request.token)) return refused();
  const claimed = transitions.claim(row.state, { ...request, ready: waitsFor.length === 0 }, now);
  switch (claimed.answer) {
    case 'granted':
      row.past.push(...(claimed.past ? [claimed.past] : []));
      table.put(Object.assign(row, { state: claimed.state }));
      return { grant: grantOf(row, claimed.tookOver, now) };
    case 'held':
      return { grant: grantOf(row, false, now) };
    case 'died':
      row.state = claimed.state;
      return { grant: null, died: true, standing: standingOf(row, now) };
    default:
      return refused();
  }
}

export function newRow(job: NewJob, now: number): JobRow {
  const { kind, id, dataHash, priority } = job;
  return { kind, id, dataHash, priority, createdAt: now, past: [], state: registered(job, now) };
}

export function grantOf(row: JobRow, tookOver: boolean, now: number): Grant {
  const { kind, id, state } = row;
  const heldUntil = performance.now() + (state.expiresAt ?? now) - now;
  return { kind, id, token: state.token ?? '', worker: state.worker ?? '', job: snapshotOf(row), tookOver, heldUntil };
}
