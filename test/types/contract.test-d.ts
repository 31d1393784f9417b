// What the package exports is the contract, name by name; errors may say more than it asks for.
import type * as ours from 'nestjs-job-tracking';
import { expectTypeOf } from 'vitest';
import type * as contract from './contract.js';

interface Data {
  amount: number;
}
interface Output {
  id: string;
  at: Date;
}
interface State {
  offset: number;
}
type Kind = ours.JobKind<Data, Output, State>;
type ContractKind = contract.JobKind<Data, Output, State>;

expectTypeOf<ours.Duration>().toEqualTypeOf<contract.Duration>();
expectTypeOf<ours.JobStatus>().toEqualTypeOf<contract.JobStatus>();
expectTypeOf<typeof ours.JobStatus>().toEqualTypeOf<{ readonly [S in contract.JobStatus]: S }>();
expectTypeOf<ours.TrackingPolicy>().toEqualTypeOf<contract.TrackingPolicy>();
expectTypeOf<ours.CallPolicy>().toEqualTypeOf<contract.CallPolicy>();
expectTypeOf<ours.JobKind>().toEqualTypeOf<contract.JobKind>();
expectTypeOf<Kind>().toEqualTypeOf<ContractKind>();
expectTypeOf<typeof ours.defineJob>().toEqualTypeOf<contract.DefineJob>();
expectTypeOf<ours.KindRef>().toEqualTypeOf<contract.KindRef>();
expectTypeOf<ours.DataOf<Kind>>().toEqualTypeOf<Data>();
expectTypeOf<ours.OutputOf<Kind>>().toEqualTypeOf<Output>();
expectTypeOf<ours.CheckpointOf<Kind>>().toEqualTypeOf<State>();
expectTypeOf<[ours.DataOf<string>, ours.OutputOf<string>, ours.CheckpointOf<string>]>().toEqualTypeOf<
  [unknown, unknown, unknown]
>();
expectTypeOf<ours.JobRef>().toEqualTypeOf<contract.JobRef>();
expectTypeOf<ours.JobRef<Kind>>().toEqualTypeOf<contract.JobRef<ContractKind>>();
interface Spec<K> {
  kind?: K;
  id: string;
  runAt?: Date;
  priority?: number;
  maxAttempts?: number;
}
type Untyped = ours.JobKind<unknown, Output>;
expectTypeOf<ours.JobSpec<'name'>>().toEqualTypeOf<Spec<'name'> & { data?: unknown }>();
expectTypeOf<ours.JobSpec<Untyped>>().toEqualTypeOf<Spec<Untyped> & { data?: unknown }>();
expectTypeOf<ours.JobSpec<Kind>>().toEqualTypeOf<Spec<Kind> & { data: Data }>();
expectTypeOf<ours.JobSpec<'name' | Kind>>().toEqualTypeOf<
  (Spec<'name'> & { data?: unknown }) | (Spec<Kind> & { data: Data })
>();

expectTypeOf<ours.FailureRecord>().toEqualTypeOf<contract.FailureRecord>();
expectTypeOf<ours.JobSnapshot>().toEqualTypeOf<contract.JobSnapshot>();
expectTypeOf<ours.JobSnapshot<Kind>>().toEqualTypeOf<contract.JobSnapshot<ContractKind>>();
expectTypeOf<ours.AttemptOutcome>().toEqualTypeOf<contract.AttemptOutcome>();
expectTypeOf<ours.JobAttemptSnapshot>().toEqualTypeOf<contract.JobAttemptSnapshot>();
expectTypeOf<ours.JobRun>().toEqualTypeOf<contract.JobRun>();
expectTypeOf<ours.JobRun<Kind>>().toEqualTypeOf<contract.JobRun<ContractKind>>();

type OurService = Pick<ours.JobTrackerService, keyof contract.JobTrackerService>;
expectTypeOf<OurService>().toEqualTypeOf<Pick<contract.JobTrackerService, keyof contract.JobTrackerService>>();
expectTypeOf<ours.JobTrackerService>().toExtend<contract.JobTrackerService>();
expectTypeOf<ours.JobQuery>().toEqualTypeOf<contract.JobQuery>();
expectTypeOf<ours.JobQuery<Kind>>().toEqualTypeOf<contract.JobQuery<ContractKind>>();
expectTypeOf<ours.Page<Data>>().toEqualTypeOf<contract.Page<Data>>();
expectTypeOf<ours.ConsumeOptions>().toEqualTypeOf<contract.ConsumeOptions>();
expectTypeOf<ours.JobConsumer>().toEqualTypeOf<contract.JobConsumer>();
expectTypeOf<ours.RunOutcome<Data>>().toEqualTypeOf<contract.RunOutcome<Data>>();

expectTypeOf<ours.JobTrackingOptions>().toEqualTypeOf<contract.JobTrackingOptions>();
expectTypeOf<Pick<typeof ours.JobTrackingModule, 'forRoot'>>().toEqualTypeOf<
  Pick<contract.JobTrackingModule, 'forRoot'>
>();
expectTypeOf<typeof ours.JobTrackingModule>().toExtend<contract.JobTrackingModule>();
expectTypeOf<ours.JobEvents>().toEqualTypeOf<contract.JobEvents>();
expectTypeOf<ours.JobEvent>().toExtend<{ readonly type: string; readonly kind: string }>();
expectTypeOf<ours.Violation>().toExtend<contract.Violation>();
expectTypeOf<ours.Verification>().toExtend<contract.Verification>();
expectTypeOf<ours.JobIdSource>().toEqualTypeOf<contract.JobIdSource>();
expectTypeOf<typeof ours.jobId>().toEqualTypeOf<contract.JobId>();
expectTypeOf<typeof ours.Tracked>().toEqualTypeOf<contract.Tracked>();
expectTypeOf<typeof ours.Consume>().toEqualTypeOf<contract.Consume>();
expectTypeOf<typeof ours.CurrentJob>().toEqualTypeOf<contract.CurrentJob>();
expectTypeOf<typeof ours.jobTrackingMigrations>().toEqualTypeOf<contract.JobTrackingMigrations>();
expectTypeOf<typeof ours.jobTrackingTables>().toEqualTypeOf<contract.JobTrackingTables>();

expectTypeOf<ours.JobTrackingError>().toEqualTypeOf<contract.JobTrackingError>();
expectTypeOf<ours.JobRefusedError>().toEqualTypeOf<contract.JobRefusedError>();
expectTypeOf<ours.JobNotFoundError>().toExtend<contract.JobNotFoundError>();
expectTypeOf<ours.JobLockedError>().toExtend<contract.JobLockedError>();
expectTypeOf<ours.JobAlreadySucceededError>().toExtend<contract.JobAlreadySucceededError>();
expectTypeOf<ours.JobAlreadySucceededError<Output>>().toExtend<contract.JobAlreadySucceededError<Output>>();
expectTypeOf<ours.JobIgnoredError>().toExtend<contract.JobIgnoredError>();
expectTypeOf<ours.JobNotReadyError>().toExtend<contract.JobNotReadyError>();
expectTypeOf<ours.JobNotDueError>().toExtend<contract.JobNotDueError>();
expectTypeOf<ours.JobMismatchError>().toExtend<contract.JobMismatchError>();
expectTypeOf<ours.LeaseLostError>().toExtend<contract.LeaseLostError>();
expectTypeOf<ours.OpenTransactionError>().toExtend<contract.OpenTransactionError>();
expectTypeOf<ours.JobTimeoutError>().toExtend<contract.JobTimeoutError>();
expectTypeOf<ours.JobInterruptedError>().toExtend<contract.JobInterruptedError>();
expectTypeOf<ours.StoreUnavailableError>().toExtend<contract.StoreUnavailableError>();
expectTypeOf<ours.InvalidJobError>().toExtend<contract.InvalidJobError>();
expectTypeOf<ours.InvalidOptionsError>().toExtend<contract.InvalidOptionsError>();

/** Classes that may stand wherever a class is asked for: `expect(…).rejects.toThrow(JobRefusedError)`, a list of classes, `extends`. */
// biome-ignore lint/suspicious/noExplicitAny: whatever they are made of
type Constructor = new (...args: any[]) => Error & { code: string };
expectTypeOf<typeof ours.JobTrackingError>().toExtend<Constructor>();
expectTypeOf<typeof ours.JobRefusedError>().toExtend<Constructor>();
expectTypeOf<typeof ours.JobLockedError>().toExtend<Constructor>();
