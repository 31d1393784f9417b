import { MikroOrmModule } from '@mikro-orm/nestjs';
import { defineConfig } from '@mikro-orm/postgresql';
import { type DynamicModule, Module } from '@nestjs/common';
import { JobTrackingModule } from 'nestjs-job-tracking';

/** What every example has: a connection, and a tracker on it. */
@Module({})
export class TrackingModule {
  static forRoot(clientUrl: string): DynamicModule {
    return {
      module: TrackingModule,
      imports: [
        MikroOrmModule.forRoot(defineConfig({ clientUrl, discovery: { warnWhenNoEntities: false } })),
        JobTrackingModule.forRoot({ migrations: 'run' }),
      ],
      exports: [JobTrackingModule],
    };
  }
}
