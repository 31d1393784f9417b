import type { MigrationObject } from '@mikro-orm/core';
import { jobs } from './0001-jobs.js';

export interface SchemaVersion {
  readonly version: number;
  readonly name: string;
  readonly up: readonly string[];
}

/** Every version, oldest first. A version that was shipped is never changed. */
export const SCHEMA_VERSIONS: readonly SchemaVersion[] = [jobs];

/** Our tables and our view, for the app's own `schemaGenerator: { skipTables, skipViews }`: its schema update would else drop or alter them. */
export const jobTrackingTables: string[] = ['job', 'job_past_attempt', 'job_attempt', 'job_migration'];

const VERSION_TABLE = `create table if not exists "job_migration" (
  version int primary key,
  name text not null,
  applied_at timestamptz not null default now()
)`;

/**
 * A version's statements, its own record included: whoever runs them, the same schema and the same record come of it. One that is recorded already, by
 * another way of running them, is left as it is.
 */
export function statementsOf({ version, name, up }: SchemaVersion): string[] {
  const record = `insert into "job_migration" (version, name) values (${version}, '${name}')`;
  const once = `do $version$ begin
if exists (select 1 from "job_migration" where version = ${version}) then
  return;
end if;

${[...up, record].map((statement) => `${statement};`).join('\n\n')}
end $version$`;
  return [VERSION_TABLE, once];
}

/** Our versions as MikroORM migrations, for the app's own `migrations: { migrationsList: [...jobTrackingMigrations, …] }`. */
export const jobTrackingMigrations: MigrationObject[] = SCHEMA_VERSIONS.map((version) => ({
  name: version.name,
  // What MikroORM's runner asks of a migration, without a dependency on its package.
  class: class {
    readonly name = version.name;
    up(): void {}
    down(): void {
      throw new Error(`${version.name} is not taken back: it would drop every job`);
    }
    isTransactional(): boolean {
      return true;
    }
    reset(): void {}
    setTransactionContext(): void {}
    getQueries(): string[] {
      return statementsOf(version);
    }
  },
}));
