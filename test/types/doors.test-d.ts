// The doors './core' and './testing' are what the contract says of them.
import { describe as nodeDescribe, it as nodeIt } from 'node:test';
import type { DynamicModule } from '@nestjs/common';
import type * as door from 'nestjs-job-tracking';
import type { JobKind, JobRun } from 'nestjs-job-tracking';
import type * as core from 'nestjs-job-tracking/core';
import type { JobReader, JobStore } from 'nestjs-job-tracking/core';
import {
  describeJobStore,
  fakeRun,
  JobTrackingTestingModule,
  MemoryJobStore,
  untracked,
} from 'nestjs-job-tracking/testing';
import { describe, expectTypeOf, it } from 'vitest';

interface StoreHarness {
  name: string;
  create(): Promise<{ store: JobStore & JobReader; advance?(ms: number): Promise<void>; close(): Promise<void> }>;
}
interface Runner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
}
type Kind = JobKind<{ amount: number }, { receipt: string }>;

expectTypeOf(JobTrackingTestingModule.forRoot()).toEqualTypeOf<DynamicModule>();
expectTypeOf(new MemoryJobStore()).toExtend<JobStore & JobReader>();
expectTypeOf(new MemoryJobStore().advance).parameters.toEqualTypeOf<[ms: number]>();
expectTypeOf<typeof describeJobStore>().toEqualTypeOf<(runner: Runner, harness: StoreHarness) => void>();
expectTypeOf(fakeRun({} as Kind, { id: '7', data: { amount: 1 } })).toEqualTypeOf<JobRun<Kind>>();
expectTypeOf(fakeRun('charge', { id: '7' })).toEqualTypeOf<JobRun<'charge'>>();
expectTypeOf(untracked(() => 7)).toEqualTypeOf<number>();
expectTypeOf(untracked(async () => 'seven')).toEqualTypeOf<Promise<string>>();

/** Runners that fit as they are. */
const harness = {} as StoreHarness;
describeJobStore({ describe, it }, harness);
describeJobStore({ describe: nodeDescribe, it: nodeIt }, harness);

/** One class for both doors: what one throws the other catches, and a service of one is injected by the other. */
expectTypeOf<typeof core.JobTrackerService>().toEqualTypeOf<typeof door.JobTrackerService>();
expectTypeOf<typeof core.JobLockedError>().toEqualTypeOf<typeof door.JobLockedError>();
expectTypeOf<Parameters<typeof core.JobTrackingCoreModule.forStore>>().toEqualTypeOf<
  [store: JobStore & JobReader, options?: core.CoreOptions]
>();

/** To write a store takes no name but these. */
expectTypeOf<JobStore['claim']>().toEqualTypeOf<(request: core.ClaimRequest) => Promise<core.ClaimAnswer>>();
expectTypeOf<JobStore['claimDue']>().toEqualTypeOf<(request: core.ClaimDueRequest) => Promise<core.ClaimedSet>>();
expectTypeOf<JobStore['renew']>().toEqualTypeOf<
  (grant: core.Grant, renewal: core.Renewal) => Promise<core.Lease | null>
>();
expectTypeOf<JobStore['succeed']>().toEqualTypeOf<(grant: core.Grant, success: core.Success) => Promise<boolean>>();
expectTypeOf<JobStore['end']>().toEqualTypeOf<
  (grant: core.Grant, ending: core.Ending) => Promise<core.Standing | null>
>();
expectTypeOf<JobStore['registerSet']>().toEqualTypeOf<(jobs: readonly core.NewJob[]) => Promise<number>>();
expectTypeOf<JobStore['remove']>().toEqualTypeOf<(key: core.JobKey) => Promise<core.Change>>();
expectTypeOf<JobStore['removeMany']>().toEqualTypeOf<(filter: core.JobFilter) => Promise<number>>();
expectTypeOf<JobReader['list']>().toEqualTypeOf<
  (filter: core.JobFilter, page: core.PageRequest) => Promise<core.Page<core.JobSnapshot>>
>();
expectTypeOf<JobReader['records']>().toEqualTypeOf<
  (filter: core.JobFilter, after: core.JobKey | null, limit: number) => Promise<core.JobRecord[]>
>();
