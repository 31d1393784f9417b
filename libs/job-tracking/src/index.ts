export * from './core.js';
export { type JobTrackingAsyncOptions, JobTrackingModule, type JobTrackingOptions } from './job-tracking.module.js';
export { Job, JobAttempt, JobTracking0001Jobs, jobTrackingMigrations, jobTrackingTables } from './postgres/index.js';
