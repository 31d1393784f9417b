import 'reflect-metadata';
import path from 'node:path';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { defineConfig } from '@mikro-orm/postgresql';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { startEmbeddedPostgres } from 'embedded-postgres-server';

const postgres = process.env.DATABASE_URL ? undefined : await startEmbeddedPostgres(path.resolve('.data/postgres'));
const clientUrl = process.env.DATABASE_URL ?? postgres?.url();

@Controller()
class HelloController {
  @Get()
  hello(): string {
    return 'nestjs-job-tracking example\n';
  }
}

@Module({
  imports: [MikroOrmModule.forRoot(defineConfig({ clientUrl, discovery: { warnWhenNoEntities: false } }))],
  controllers: [HelloController],
})
class ExampleModule {}

const app = await NestFactory.create(ExampleModule);
await app.listen(process.env.PORT ?? 3000);
console.log(`Serving on ${await app.getUrl()}`);

// Not enableShutdownHooks(): PostgreSQL must outlive the application's own shutdown.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, async () => {
    await app.close();
    await postgres?.stop();
  });
}
