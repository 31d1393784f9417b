import { randomUUID } from 'node:crypto';
import { keyOf } from '../job/job-key.js';
import { type JobKind, type JobRef, type JobSpec, kindValue } from '../job/kind.js';
import type { ResolvedPolicy } from '../job/policy.js';
import {
  JobAlreadySucceededError,
  JobLockedError,
  JobNotFoundError,
  type JobRefusedError,
  named,
} from '../job/refusals.js';
import { InvalidJobError } from '../options/errors.js';
import { readStored } from '../payload/schema.js';
import { newJob, specOf } from '../register/new-job.js';
import type { ClaimRequest, Grant, NewJob, Standing } from '../store/job-store.js';
import { refusalOf } from '../store/why-refused.js';
import { runsAround } from './current-run.js';
import { endingOf, heldAround, waiting, waitsInVain } from './joining.js';
import { refuseInsideTransaction } from './open-transaction.js';
import { stopping } from './runs-of-app.js';
import type { Tracking } from './tracking.js';

export type Claimed = { grant: Grant } | { replayed: unknown } | { refused: JobRefusedError };

const JOIN_FIRST_WAIT = 50;
const JOIN_LONGEST_WAIT = 1_000;

/** Asks for the job, as its policy answers duplicates: refused, replayed, or waited for. */
export async function claimed(tracking: Tracking, job: JobRef | JobSpec, policy: ResolvedPolicy): Promise<Claimed> {
  const kind = kindValue(specOf(job).kind);
  const { request, unregistrable } = await requestOf(tracking, job, policy);
  refuseInsideTransaction(tracking.store, policy, named(request));
  for (let wait = JOIN_FIRST_WAIT; ; wait = Math.min(wait * 2, JOIN_LONGEST_WAIT)) {
    const answer = await tracking.store.claim(request);
    if (answer.grant) return { grant: answer.grant };
    let refused = refusalOf(request, answer.standing);
    if (answer.died) announceDeath(tracking, request, answer.standing.job?.reason);
    if (refused instanceof JobNotFoundError && unregistrable) throw unregistrable;
    if (refused instanceof JobAlreadySucceededError && replays(policy))
      return { replayed: await replay(kind, refused.output) };
    if (refused instanceof JobLockedError) {
      const joined = policy.onDuplicate === 'join' ? Math.min(wait, refused.retryAfter ?? wait) : null;
      const vain = await inVain(tracking, answer.standing, joined);
      if (vain) refused = vain;
      else if (joined !== null) continue;
    }
    tracking.events.announce({ type: 'refused', kind: request.kind, id: request.id, code: refused.code });
    return { refused };
  }
}

/** Waits so long for a job that is held (null: does not wait), unless its holder waits for this call, or this call is not to go on. */
async function inVain(
  { runs }: Tracking,
  { job, expiresIn }: Standing,
  wait: number | null,
): Promise<JobLockedError | undefined> {
  if (job === null) return undefined;
  const around = runsAround();
  let why = heldAround(around, job);
  if (wait !== null && why === undefined) {
    why = waitsInVain(runs, around, job);
    if (why === undefined) {
      await waiting(around, job, wait, runs.closed);
      if (runs.closed.aborted) throw stopping();
      why = endingOf(around);
    }
  }
  return why === undefined ? undefined : new JobLockedError(job, expiresIn, why);
}

export function replays({ onDuplicate }: ResolvedPolicy): boolean {
  return onDuplicate === 'replay' || onDuplicate === 'join';
}

/** A stored output as every caller under replay and join gets it. null where none was kept: that is no fault of the job's, whatever its schema says. */
export async function replay(kind: JobKind | undefined, stored: unknown): Promise<unknown> {
  const read = readStored(kind?.output, stored, 'output');
  return stored === null ? read.catch(() => null) : read;
}

export function announceDeath(
  { events }: Tracking,
  { kind, id }: { kind: string; id: string },
  reason: string | null | undefined,
): void {
  events.announce({ type: 'crashed', kind, id, reason: reason ?? 'its worker died' });
}

interface Request {
  request: ClaimRequest;
  /** Why a missing job cannot be registered by this call, which gave no data: asked for only when it is missing. */
  unregistrable: InvalidJobError | undefined;
}

async function requestOf(tracking: Tracking, job: JobRef | JobSpec, policy: ResolvedPolicy): Promise<Request> {
  const gaveData = specOf(job).data !== undefined;
  let register: NewJob | null = null;
  let unregistrable: InvalidJobError | undefined;
  try {
    register = await newJob(job, tracking.payloads);
  } catch (error) {
    const isData = error instanceof InvalidJobError && error.field.split('.')[0] === 'data';
    if (!isData || gaveData) throw error;
    unregistrable = error;
  }
  const { lease, maxAttempts, maxCrashes, after, onMissing, onDuplicate, early } = policy;
  const request: ClaimRequest = {
    ...keyOf(job),
    token: randomUUID(),
    worker: tracking.worker,
    lease,
    maxAttempts,
    maxCrashes,
    after,
    rerun: onDuplicate === 'rerun',
    early,
    register: onMissing === 'register' ? register : null,
    dataHash: replays(policy) && gaveData ? register?.dataHash : undefined,
  };
  return { request, unregistrable: onMissing === 'register' ? unregistrable : undefined };
}
