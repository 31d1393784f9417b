export { ActiveRun, reasonText } from './active-run.js';
export { ActiveRuns, stopping } from './active-runs.js';
export { announceDeath } from './claiming.js';
export { anyCurrentRun, currentRun } from './current-run.js';
export { checkSchemas, defineJob, SCHEMA_KEYS } from './define-job.js';
export { type Duration, LONGEST_TIMER, milliseconds } from './duration.js';
export {
  InvalidJobError,
  InvalidOptionsError,
  JobInterruptedError,
  JobTimeoutError,
  JobTrackingError,
  LeaseLostError,
  OpenTransactionError,
  StoreUnavailableError,
} from './errors.js';
export { INVARIANT_NAMES, type Violation, violationsOf } from './invariants.js';
export { type AttemptOutcome, type FailureRecord, JOB_STATUSES, type JobAttemptSnapshot, JobStatus } from './job.js';
export { type JobEvent, type JobEvents, type JobEventType, tellAll } from './job-events.js';
export { checkId, checkKind, jobId } from './job-id.js';
export { type JobKey, keyOf } from './job-key.js';
export type { JobRun } from './job-kind.js';
export {
  type CallPolicy,
  type CheckpointOf,
  type DataOf,
  type JobKind,
  type JobRef,
  type JobSnapshot,
  type JobSpec,
  type KindRef,
  kindValue,
  type OutputOf,
  type TrackingPolicy,
} from './job-kind.js';
export {
  checkListQuery,
  checkManyQuery,
  checkQuery,
  type JobFilter,
  type JobQuery,
  type PageOrder,
  type PageRequest,
} from './job-query.js';
export type { JobReader, Page } from './job-reader.js';
export type { JobRecord, RecordedAttempt, RecordedRow } from './job-record.js';
export { newJob, specOf } from './job-spec.js';
export { type Attempt, attemptOf, isDue, isExpired, isHeld, type JobState, registered } from './job-state.js';
export type {
  Change,
  ClaimAnswer,
  ClaimDueRequest,
  ClaimedSet,
  ClaimRequest,
  ClaimTerms,
  Ending,
  Grant,
  JobStore,
  Lease,
  NewJob,
  Renewal,
  Standing,
  Success,
} from './job-store.js';
export { DEFAULT_KIND, kindName } from './kind-name.js';
export { refuseInsideTransaction } from './open-transaction.js';
export * as operatorTransitions from './operator-transitions.js';
export { PAYLOAD_LIMITS, type PayloadField, type PayloadLimits, Payloads, type Redact } from './payloads.js';
export {
  checkPolicy,
  type ErrorVerdict,
  type OnDuplicate,
  POLICY_KEYS,
  type ResolvedPolicy,
  resolvePolicy,
  SHORTEST_LEASE,
} from './policy.js';
export { printable } from './printable.js';
export { refusalOf } from './refusal.js';
export {
  JobAlreadySucceededError,
  JobIgnoredError,
  JobLockedError,
  JobMismatchError,
  JobNotDueError,
  JobNotFoundError,
  JobNotReadyError,
  JobRefusedError,
  lostToOthers,
} from './refusals.js';
export { outputOf, type RunOutcome } from './run-outcome.js';
export { runGranted, runTracked, type Work } from './run-tracked.js';
export { shown } from './shown.js';
export type { Tracking } from './tracking.js';
export * as transitions from './transitions.js';
export { nearest, refuseUnknownKeys } from './unknown-keys.js';
export { type Verification, verifyJobs } from './verifying.js';
