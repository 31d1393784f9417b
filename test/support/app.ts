import { MikroOrmModule, type MikroOrmModuleOptions } from '@mikro-orm/nestjs';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { JobTrackerService, JobTrackingModule, type JobTrackingOptions } from 'nestjs-job-tracking';

export interface AppOptions extends Pick<ModuleMetadata, 'imports' | 'controllers' | 'providers'> {
  /** Of the database. */
  url: string;
  tracking?: JobTrackingOptions;
  /** MikroORM's, beside the connection. */
  orm?: MikroOrmModuleOptions;
  adapter?: AbstractHttpAdapter;
  /** What a main.ts does to its app before it starts: global pipes, filters. */
  prepare?(nest: INestApplication): void;
}

export interface TestApp extends AsyncDisposable {
  nest: INestApplication;
  tracker: JobTrackerService;
  /** As onApplicationShutdown by SIGTERM. */
  close(): Promise<void>;
}

export function ormOptions(url: string, more: MikroOrmModuleOptions = {}): MikroOrmModuleOptions {
  return {
    driver: PostgreSqlDriver,
    clientUrl: url,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    ...more,
  } as MikroOrmModuleOptions;
}

/** An app as a user would write it, on a database of the test's own, initialised but not listening. */
export async function startApp({
  url,
  tracking,
  orm,
  adapter,
  prepare,
  imports = [],
  ...parts
}: AppOptions): Promise<TestApp> {
  const builder = Test.createTestingModule({
    imports: [MikroOrmModule.forRoot(ormOptions(url, orm)), JobTrackingModule.forRoot(tracking), ...imports],
    ...parts,
  });
  const module = await builder.compile();
  const nest = adapter
    ? module.createNestApplication(adapter, { logger: false })
    : module.createNestApplication({ logger: false });
  try {
    prepare?.(nest);
    await nest.init();
  } catch (error) {
    await nest.close();
    throw error;
  }
  const close = () => nest.close();
  return { nest, tracker: nest.get(JobTrackerService), close, [Symbol.asyncDispose]: close };
}
