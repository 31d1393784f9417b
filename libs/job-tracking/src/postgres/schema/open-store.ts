import type { EntityMetadata, MikroORM } from '@mikro-orm/postgresql';
import { StoreUnavailableError } from '../../protocol/index.js';
import { AppConnection } from '../sending/app-connection.js';
import { Database } from '../sending/database.js';
import { latePool } from '../sending/late-pool.js';
import { PostgresJobStore } from '../store/postgres-job-store.js';
import { Job, JobSchema } from './job.entity.js';
import { JobAttempt, JobAttemptSchema } from './job-attempt.entity.js';
import { checkSchema, runMigrations } from './migrate.js';
import { jobTrackingTables } from './migrations/index.js';

export interface PostgresSettings {
  migrations: 'check' | 'run';
  schema: string | undefined;
  /** Milliseconds. */
  startTimeout: number;
}

/** How long a statement is sent again while the database is away. */
const PATIENCE = 5_000;

/** Makes our entities known to a living ORM, and our tables unknown to its schema updates, which would drop or alter them. */
export function joinEntities(orm: MikroORM, schema: string | undefined): void {
  // The app may know one of them already: by its own list, or by a relation of its own.
  if (!orm.getMetadata().has(Job)) orm.discoverEntity(JobSchema);
  if (!orm.getMetadata().has(JobAttempt)) orm.discoverEntity(JobAttemptSchema);
  // On this ORM's own metadata: two apps in one process may keep their jobs in two schemas.
  if (schema !== undefined) for (const meta of metadataOf(orm)) meta.schema = schema;
  const generator = orm.config.get('schemaGenerator');
  // New lists: those that are there may be the app's own constants, or ours.
  generator.skipTables = [...(generator.skipTables ?? []), ...jobTrackingTables];
  generator.skipViews = [...(generator.skipViews ?? []), 'job_attempt'];
}

/** What this ORM knows of our entities; relations to them hold copies of their own. */
function metadataOf(orm: MikroORM): EntityMetadata[] {
  const known = [...orm.getMetadata()];
  const targets = known.flatMap(({ relations }) => relations.map(({ targetMeta }) => targetMeta));
  return [...known, ...targets].filter(
    (meta) => meta !== undefined && [Job, JobAttempt].includes(meta.class as never),
  ) as EntityMetadata[];
}

/** A store on the ORM's database. It connects when it is opened, or at its first statement. */
export function postgresStore(orm: MikroORM, settings: PostgresSettings): PostgresJobStore {
  const { schema } = settings;
  const app = new AppConnection(orm);
  const pool = latePool(app);
  const open = async () => {
    const patient = new Database(pool, { patience: settings.startTimeout, schema });
    await patient.query('select 1', []).catch((cause) => {
      if (!(cause instanceof StoreUnavailableError)) throw cause;
      throw new StoreUnavailableError(
        `the database could not be reached within startTimeout (${settings.startTimeout} ms)`,
        { cause: cause.cause },
      );
    });
    if (settings.migrations === 'run') await runMigrations(orm, schema);
    await checkSchema(patient, schema);
  };
  let opening: Promise<void> | undefined;
  const db = new Database(pool, { patience: PATIENCE, schema });
  const runs = new Database(latePool(app), { patience: PATIENCE, schema });
  return new PostgresJobStore(orm, db, runs, () => {
    opening ??= open();
    return opening;
  });
}
