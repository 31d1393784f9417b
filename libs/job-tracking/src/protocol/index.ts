export { CONSUMED_POLICY_KEYS, type ConsumeOptions, checkConsumeOptions } from './consume/consume-options.js';
export { type JobConsumer, startConsumer } from './consume/job-consumer.js';
export { type JobEvent, type JobEvents, type JobEventType, tellAll } from './events/job-events.js';
export { checkSchemas, defineJob, SCHEMA_KEYS } from './job/define-job.js';
export {
  type AttemptOutcome,
  type FailureRecord,
  JOB_STATUSES,
  type JobAttemptSnapshot,
  JobStatus,
} from './job/job.js';
export { checkId, checkKind, jobId } from './job/job-id.js';
export { type JobKey, keyOf } from './job/job-key.js';
export type { JobRun } from './job/kind.js';
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
} from './job/kind.js';
export { DEFAULT_KIND, kindName } from './job/kind-name.js';
export {
  checkPolicy,
  type ErrorVerdict,
  type OnDuplicate,
  POLICY_KEYS,
  type ResolvedPolicy,
  resolvePolicy,
  SHORTEST_LEASE,
} from './job/policy.js';
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
} from './job/refusals.js';
export { slot } from './job/slot.js';
export { operate, operateMany } from './operate/operate.js';
export { operatorRefusal } from './operate/operator-refusal.js';
export { type Duration, LONGEST_TIMER, milliseconds } from './options/duration.js';
export {
  InvalidJobError,
  InvalidOptionsError,
  JobInterruptedError,
  JobTimeoutError,
  JobTrackingError,
  LeaseLostError,
  OpenTransactionError,
  StoreUnavailableError,
} from './options/errors.js';
export { printable } from './options/printable.js';
export { shown } from './options/shown.js';
export { nearest, refuseUnknownKeys } from './options/unknown-keys.js';
export { PAYLOAD_LIMITS, type PayloadField, type PayloadLimits, Payloads, type Redact } from './payload/payloads.js';
export {
  checkListQuery,
  checkManyQuery,
  checkQuery,
  type JobFilter,
  type JobQuery,
  type PageOrder,
  type PageRequest,
} from './query/job-query.js';
export { newJob, specOf } from './register/new-job.js';
export { registerInSets } from './register/register-in-sets.js';
export { ActiveRun, reasonText } from './run/active-run.js';
export { announceDeath } from './run/claim.js';
export { anyCurrentRun, currentRun } from './run/current-run.js';
export { refuseInsideTransaction } from './run/open-transaction.js';
export { outputOf, type RunOutcome } from './run/run-outcome.js';
export { runGranted, runTracked, type Work } from './run/run-tracked.js';
export { ActiveRuns, stopping } from './run/runs-of-app.js';
export type { Tracking } from './run/tracking.js';
export { type Attempt, attemptOf, isDue, isExpired, isHeld, type JobState, registered } from './state/job-state.js';
export * as operatorTransitions from './state/operator-transitions.js';
export { OPERATOR_VERBS, type OperatorVerb } from './state/operator-verbs.js';
export * as transitions from './state/run-transitions.js';
export type { JobReader, Page } from './store/job-reader.js';
export type { JobRecord, RecordedAttempt, RecordedRow } from './store/job-record.js';
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
} from './store/job-store.js';
export { refusalOf } from './store/why-refused.js';
export { INVARIANT_NAMES, type Violation, violationsOf } from './verify/invariants.js';
export { type Verification, verifyJobs } from './verify/verify-jobs.js';
