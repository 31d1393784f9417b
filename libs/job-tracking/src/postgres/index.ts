export { Job } from './schema/job.entity.js';
export { JobAttempt } from './schema/job-attempt.entity.js';
export { JobTracking0001Jobs, jobTrackingMigrations, jobTrackingTables } from './schema/migrations/index.js';
export { joinEntities, type PostgresSettings, postgresStore } from './schema/open-store.js';
