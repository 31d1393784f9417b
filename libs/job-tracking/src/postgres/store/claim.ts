import type { ClaimAnswer, ClaimRequest, Grant, Lease } from '../../protocol/index.js';
import type { Answer, Database } from '../sending/database.js';
import { claimAgain, claimAgainAfter, takeOver, takeOverAfter } from '../sql/claim-again.js';
import { claimFirst, claimFirstAfter } from '../sql/claim-first.js';
import { claimOrRegister, claimOrRegisterAfter } from '../sql/claim-or-register.js';
import { register } from '../sql/register.js';
import type { Flag, Whole } from './as-text.js';
import { registering } from './register.js';
import { exists, type JobRow, snapshotOf, standingOf } from './row.js';
import { type StandingRow, stands } from './standing-row.js';

/** Each round follows a change that somebody else made between two statements of ours. */
const ROUNDS = 16;

export type TakenRow = JobRow & { took_over?: Flag };
/**
 * The first grant is the common case and goes alone, as one plain statement. Whoever gets no row reads how the job stands, and then
 * either claims by the statement for that state or is refused with what was read.
 */
export async function claim(db: Database, request: ClaimRequest): Promise<ClaimAnswer> {
  let answer = await first(db, request);
  let passedOver = false;
  for (let round = 0; ; round++) {
    const taken = takenBy(request, answer);
    if (taken) return taken;
    const { row, sentAt } = await stands(db, request);
    if (exists(row) && row.granted)
      return { grant: grantOf(request, row, { heldUntil: sentAt + Number(row.expires_in) }) };
    // One that is gone each time is to be registered after all: there is nothing to refuse with.
    const step = round < ROUNDS || !exists(row) ? nextStep(row, request) : 'refuse';
    if (step === 'refuse' || (step === 'take over' && passedOver)) return refusedBy(row);
    const last = row.claims ?? 0;
    if (step === 'first') answer = await first(db, request);
    else if (step === 'again') answer = await again(db, request, last);
    else {
      answer = await overtake(db, request, last);
      // An earlier sending of ours may be what holds the row: that one is waited for.
      if (answer.count === 0 && answer.resent) answer = await again(db, request, last);
      // Whoever holds the row of an expired lease is taking it over or committing under it: there is nothing to wait for.
      passedOver = true;
    }
  }
}

function nextStep(row: StandingRow, request: ClaimRequest): 'first' | 'again' | 'take over' | 'refuse' {
  if (!exists(row)) return request.register && row.waits_for.length === 0 ? 'first' : 'refuse';
  if (row.used || row.mismatch || row.waits_for.length > 0) return 'refuse';
  if (row.expired) return 'take over';
  if (row.status === 'pending' && Number(row.due_in) === 0) return Number(row.claims) === 0 ? 'first' : 'again';
  if (row.status === 'failed') return request.early || Number(row.due_in) === 0 ? 'again' : 'refuse';
  return row.status === 'succeeded' && request.rerun ? 'again' : 'refuse';
}

async function first(db: Database, request: ClaimRequest): Promise<Answer<TakenRow>> {
  const { register: job, after } = request;
  if (job?.runAt) await db.query(register, registering(job));
  if (job === null || job.runAt !== null)
    return db.query(after.length > 0 ? claimFirstAfter : claimFirst, [...claiming(request), ...steps(after)]);
  const values = [...claiming(request), job.data, job.priority, job.maxAttempts, ...steps(after)];
  values[6] = job.dataHash;
  return db.query(after.length > 0 ? claimOrRegisterAfter : claimOrRegister, values);
}

/** `last`: the job's claims as they were found. */
function again(db: Database, request: ClaimRequest, last: Whole): Promise<Answer<TakenRow>> {
  return db.query(request.after.length > 0 ? claimAgainAfter : claimAgain, claimingAgain(request, last));
}

/** Also what `consume` does with each orphan that it finds. */
export function overtake(db: Database, request: ClaimRequest, last: Whole): Promise<Answer<TakenRow>> {
  return db.query(request.after.length > 0 ? takeOverAfter : takeOver, claimingAgain(request, last));
}

function claiming({ kind, id, token, lease, worker, dataHash }: ClaimRequest): unknown[] {
  return [kind, id, token, lease, worker, dataHash !== undefined, dataHash ?? null];
}

function claimingAgain(request: ClaimRequest, last: Whole): unknown[] {
  const { rerun, maxCrashes, maxAttempts, early, after } = request;
  return [...claiming(request), rerun, maxCrashes, maxAttempts, last, early, ...steps(after)];
}

/** A parameter that the text does not name is an error: the two texts take one more or one less. */
export function steps(after: readonly string[]): unknown[] {
  return after.length > 0 ? [after] : [];
}

export function takenBy(request: ClaimRequest, { rows: [row], sentAt }: Answer<TakenRow>): ClaimAnswer | null {
  if (row === undefined) return null;
  if (row.status === 'ignored') return { grant: null, standing: standingOf(row), died: true };
  return { grant: grantOf(request, row, { heldUntil: sentAt + request.lease }) };
}

function refusedBy(row: StandingRow): ClaimAnswer {
  return {
    grant: null,
    standing: standingOf(row, { waitsFor: row.waits_for, mismatch: row.mismatch }),
    died: false,
  };
}

export function grantOf(request: { worker: string }, row: TakenRow, { heldUntil }: Lease): Grant {
  const { kind, id, token } = row;
  return {
    kind,
    id,
    token: token as string,
    worker: request.worker,
    job: snapshotOf(row),
    tookOver: row.took_over === 'true',
    heldUntil,
  };
}
