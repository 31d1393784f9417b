export { MemoryJobStore } from '../memory/index.js';
export { untracked } from '../nest/index.js';
export { describeJobStore } from './describe-job-store.js';
export { fakeRun } from './fake-run.js';
export { JobTrackingTestingModule } from './job-tracking-testing.module.js';
export type { StoreHarness, TestRunner } from './store-harness.js';
