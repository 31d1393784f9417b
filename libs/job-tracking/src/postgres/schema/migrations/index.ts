import type { MigrationObject } from '@mikro-orm/core';
import { jobs } from './0001-jobs.js';
import { JobTracking0001Jobs } from './job-tracking-migration.js';
import type { SchemaVersion } from './schema-version.js';

export { JobTracking0001Jobs } from './job-tracking-migration.js';
export { classNameOf, statementsOf } from './schema-version.js';

/** Every version, oldest first. A version that was shipped is never changed. */
export const SCHEMA_VERSIONS: readonly SchemaVersion[] = [jobs];

/** Our tables and our view, for the app's own `schemaGenerator: { skipTables, skipViews }`: its schema update would else drop or alter them. */
export const jobTrackingTables: string[] = ['job', 'job_past_attempt', 'job_attempt', 'job_migration'];

/**
 * Our versions for an app that lists its migrations itself: `migrationsList: [...its own, ...jobTrackingMigrations]`. A list replaces what MikroORM
 * finds in the migrations folder: an app with a folder extends the class of each version there instead.
 */
export const jobTrackingMigrations: MigrationObject[] = [JobTracking0001Jobs].map((migration) => ({
  name: new migration().name,
  class: migration,
}));
