import { MikroOrmModule } from '@mikro-orm/nestjs';
import { defineConfig } from '@mikro-orm/postgresql';
import { type DynamicModule, Module } from '@nestjs/common';
import { type JobEvents, JobTrackingModule } from 'nestjs-job-tracking';
import { AuditsController } from './http/audits.controller.js';
import { JobsController } from './http/jobs.controller.js';
import { AuditConsumer } from './jobs/audit.consumer.js';
import { AuditService } from './jobs/audit.service.js';
import { PipelineConsumers } from './jobs/pipeline.consumers.js';
import { InstalledPackages, PackageGoneError } from './packages/installed-packages.js';

export interface ExampleOptions {
  /** Of the database. */
  clientUrl: string;
  /** Whose packages are audited. */
  nodeModules: string;
  /** Who is told what happened to jobs. */
  events?: readonly JobEvents[];
}

@Module({})
export class ExampleModule {
  static forRoot({ clientUrl, nodeModules, events = [] }: ExampleOptions): DynamicModule {
    return {
      module: ExampleModule,
      imports: [
        MikroOrmModule.forRoot(defineConfig({ clientUrl, discovery: { warnWhenNoEntities: false } })),
        JobTrackingModule.forRoot({
          migrations: 'run',
          events,
          defaults: {
            // Short, so that what a killed process left is soon taken up by the next one.
            lease: '5s',
            // A package's fault seldom goes away by itself; a package that npm is still writing is whole a moment later.
            maxAttempts: 3,
            backoff: { first: '250ms', max: '1s' },
            classify: (error) => (error instanceof PackageGoneError ? 'ignore' : 'retry'),
          },
        }),
      ],
      controllers: [AuditsController, JobsController],
      providers: [
        { provide: InstalledPackages, useFactory: () => InstalledPackages.in(nodeModules) },
        AuditService,
        PipelineConsumers,
        AuditConsumer,
      ],
    };
  }
}
