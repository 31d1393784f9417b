import { MikroOrmModule } from '@mikro-orm/nestjs';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JobTrackerService, JobTrackingModule } from 'nestjs-job-tracking';
import { Pool } from 'pg';
import { startServer } from './server.js';

/** An app with its tables, and a connection past it: to fill the tables, and to see how far a verb has come. */
export interface Stage extends AsyncDisposable {
  tracker: JobTrackerService;
  pool: Pool;
}

export async function setStage(): Promise<Stage> {
  await using made = new AsyncDisposableStack();
  const { url } = made.use(await startServer());

  @Module({
    imports: [
      MikroOrmModule.forRoot({ driver: PostgreSqlDriver, clientUrl: url, discovery: { warnWhenNoEntities: false } }),
      JobTrackingModule.forRoot({ migrations: 'run' }),
    ],
  })
  class BenchModule {}

  const app = await NestFactory.createApplicationContext(BenchModule, { logger: ['error', 'fatal'] });
  made.defer(() => app.close());
  const pool = made.adopt(new Pool({ connectionString: url, max: 2 }), (open) => open.end());
  const held = made.move();
  return { tracker: app.get(JobTrackerService), pool, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
