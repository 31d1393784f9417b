export { Job } from './job.entity.js';
export { JobAttempt } from './job-attempt.entity.js';
export { jobTrackingMigrations, jobTrackingTables } from './migrations/index.js';
export { joinEntities, type PostgresSettings, postgresStore } from './open-store.js';
