import type { MigrationObject } from '@mikro-orm/core';
import { jobs } from './0001-jobs.js';
import { type SchemaVersion, statementsOf } from './schema-version.js';

type Migration = InstanceType<MigrationObject['class']>;

/** What MikroORM's runner asks of a migration, without a dependency on its package. */
abstract class JobTrackingMigration implements Migration {
  readonly name: string;
  readonly #version: SchemaVersion;

  constructor(version: SchemaVersion) {
    this.name = version.name;
    this.#version = version;
  }

  up(): void {}

  down(): void {
    throw new Error(`${this.#version.name} is not taken back: it would drop every job`);
  }

  isTransactional(): boolean {
    return true;
  }

  reset(): void {}

  setTransactionContext(): void {}

  getQueries(): string[] {
    return statementsOf(this.#version);
  }
}

/** The first version of our tables as a MikroORM migration: extend it in a file of the app's own migrations folder. */
export class JobTracking0001Jobs extends JobTrackingMigration {
  constructor() {
    super(jobs);
  }
}
