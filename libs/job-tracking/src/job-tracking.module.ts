import { MikroORM } from '@mikro-orm/core';
import { getMikroORMToken, getRepositoryToken } from '@mikro-orm/nestjs';
import type { MikroORM as PostgresORM } from '@mikro-orm/postgresql';
import { type DynamicModule, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import {
  CORE_OPTION_KEYS,
  CORE_OPTIONS,
  type CoreOptions,
  JOB_STORE,
  JobTrackingCoreModule,
  type ResolvedCoreOptions,
  resolveCoreOptions,
} from './nest/index.js';
import { Job, JobAttempt, joinEntities, type PostgresSettings, postgresStore } from './postgres/index.js';
import { type Duration, InvalidOptionsError, milliseconds, refuseUnknownKeys, shown } from './protocol/index.js';

export interface JobTrackingOptions extends CoreOptions {
  /** 'check': start fails, naming what is missing. 'run': applies the shipped migrations first, one process at a time. */
  migrations?: 'check' | 'run';
  /** PostgreSQL schema of the tables; the connection's default. */
  schema?: string;
  /** Which MikroORM instance; the one without a name. */
  contextName?: string;
  /** '30s' to wait for the database at start; then start fails. */
  startTimeout?: Duration;
}

export interface JobTrackingAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  contextName?: string;
  // biome-ignore lint/suspicious/noExplicitAny: as Nest types its own factories
  inject?: any[];
  // biome-ignore lint/suspicious/noExplicitAny: as Nest types its own factories
  useFactory: (...deps: any[]) => JobTrackingOptions | Promise<JobTrackingOptions>;
}

const OPTIONS = Symbol('job-tracking:given-options');
const ORM = Symbol('job-tracking:orm');

/** The tracker on the team's own PostgreSQL, through MikroORM. Global; import it once, before or after MikroOrmModule. */
@Module({})
export class JobTrackingModule {
  /** Throws InvalidOptionsError at once for a malformed or unknown option. */
  static forRoot(options: JobTrackingOptions = {}): DynamicModule {
    resolve(options);
    return assemble({ provide: OPTIONS, useValue: options }, options.contextName, []);
  }

  /** As forRoot, with options that are made at start. Which MikroORM instance is part of the wiring: `contextName` stands beside the factory. */
  static forRootAsync({ imports = [], inject = [], useFactory, contextName }: JobTrackingAsyncOptions): DynamicModule {
    return assemble({ provide: OPTIONS, inject, useFactory }, contextName, imports);
  }
}

function assemble(
  options: Provider,
  contextName: string | undefined,
  imports: NonNullable<ModuleMetadata['imports']>,
): DynamicModule {
  const ormToken = contextName === undefined ? MikroORM : getMikroORMToken(contextName);
  const repositories: Provider[] = [Job, JobAttempt].map((entity) => ({
    provide: getRepositoryToken(entity as typeof Job, contextName),
    inject: [ORM],
    useFactory: (orm: PostgresORM) => orm.em.getRepository(entity as typeof Job),
  }));
  const providers: Provider[] = [
    options,
    {
      provide: CORE_OPTIONS,
      inject: [OPTIONS],
      useFactory: (given: JobTrackingOptions): ResolvedCoreOptions => resolve(given).core,
    },
    { provide: ORM, inject: [ormToken, OPTIONS], useFactory: joined },
    {
      provide: JOB_STORE,
      inject: [ORM, OPTIONS],
      useFactory: (orm: PostgresORM, given: JobTrackingOptions) => postgresStore(orm, resolve(given).postgres),
    },
    ...repositories,
  ];
  const core = JobTrackingCoreModule.assemble({
    imports,
    providers,
    exports: repositories.map((repository) => (repository as { provide: string }).provide),
  });
  return { module: JobTrackingModule, imports: [core] };
}

function joined(orm: PostgresORM, given: JobTrackingOptions): PostgresORM {
  joinEntities(orm, given.schema);
  return orm;
}

const OWN_KEYS = ['migrations', 'schema', 'contextName', 'startTimeout'] as const;

function resolve(options: JobTrackingOptions): { core: ResolvedCoreOptions; postgres: PostgresSettings } {
  const where = 'JobTrackingModule';
  refuseUnknownKeys(options, [...CORE_OPTION_KEYS, ...OWN_KEYS], where);
  const { migrations = 'check', schema, contextName, startTimeout = '30s' } = options;
  if (migrations !== 'check' && migrations !== 'run')
    throw new InvalidOptionsError(
      `${where}: expected migrations to be one of 'check', 'run', got: ${shown(migrations)}`,
    );
  for (const [key, name] of Object.entries({ schema, contextName }))
    if (name !== undefined && (typeof name !== 'string' || name === '' || name.includes('\0') || name.length > 63))
      throw new InvalidOptionsError(
        `${where}: expected ${key} to be a name of 1 to 63 characters, got: ${shown(name)}`,
      );
  const core = resolveCoreOptions(options, where);
  return { core, postgres: { migrations, schema, startTimeout: milliseconds(startTimeout, `${where}: startTimeout`) } };
}
