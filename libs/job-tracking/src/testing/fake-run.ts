import {
  ActiveRun,
  checkId,
  type Grant,
  type JobRun,
  type JobSnapshot,
  type JobStore,
  type KindRef,
  kindName,
  kindValue,
  PAYLOAD_LIMITS,
  Payloads,
} from '../protocol/index.js';

const HELD_FOR = 60_000;

/**
 * A run to hand to a handler in a plain unit test: of a job in its first attempt, held, never aborted. What a handler hands it is checked as in a
 * real run (JSON, limits, the kind's schemas); nothing is recorded. `snooze` and `ignore` throw, as they do.
 */
export function fakeRun<K extends KindRef>(kind: K, job: { id: string; data?: unknown }): JobRun<K> {
  const run = new ActiveRun(
    grantOf(kindName(kind), job),
    kindValue(kind),
    alwaysHeld,
    new Payloads(PAYLOAD_LIMITS, undefined),
  );
  return run as unknown as JobRun<K>;
}

/** All that a run asks of its store. */
const alwaysHeld = { checkpoint: async () => true, isHeld: async () => true } as Partial<JobStore> as JobStore;

function grantOf(kind: string, { id, data = null }: { id: string; data?: unknown }): Grant {
  const now = new Date();
  const job: JobSnapshot = {
    kind,
    id: checkId(id),
    status: 'in_progress',
    data,
    output: null,
    checkpoint: null,
    error: null,
    reason: null,
    progress: null,
    claims: 1,
    attempts: 1,
    failures: 0,
    crashes: 0,
    maxAttempts: null,
    priority: 0,
    lease: { claim: 1, worker: 'test', expiresAt: new Date(now.getTime() + HELD_FOR) },
    runAt: now,
    createdAt: now,
    updatedAt: now,
    startedAt: now,
    finishedAt: null,
  };
  return {
    kind,
    id: job.id,
    token: 'test',
    worker: 'test',
    job,
    tookOver: false,
    heldUntil: performance.now() + HELD_FOR,
  };
}
