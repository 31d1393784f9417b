import 'reflect-metadata';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { defineConfig } from '@mikro-orm/postgresql';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JobTrackingModule, type JobTrackingOptions } from 'nestjs-job-tracking';

/** Without them a connection that has gone silent is found out in ten seconds, and a whole run has not many of those. */
const TIMEOUTS = { query_timeout: 2_000, connectionTimeoutMillis: 2_000 };

class ChaosApp {}

/** An app as anybody's: MikroORM, the module, nothing special. */
export function openApp(clientUrl: string, tracking: JobTrackingOptions): Promise<INestApplicationContext> {
  const orm = defineConfig({ clientUrl, driverOptions: TIMEOUTS, discovery: { warnWhenNoEntities: false } });
  const imports = [MikroOrmModule.forRoot(orm), JobTrackingModule.forRoot({ startTimeout: '5m', ...tracking })];
  return NestFactory.createApplicationContext({ module: ChaosApp, imports }, { logger: false, abortOnError: false });
}
