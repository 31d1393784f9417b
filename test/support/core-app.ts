import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TSCONFIG } from './installed-app.js';

/** An application on the doors './core' and './testing', which finds neither MikroORM nor a driver when it looks for them. */
const MAIN = `import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CurrentJob, defineJob, JobAlreadySucceededError, type JobRun, JobTrackerService, JobTrackingCoreModule, Tracked } from 'nestjs-job-tracking/core';
import { fakeRun, JobTrackingTestingModule, MemoryJobStore, untracked } from 'nestjs-job-tracking/testing';

const charge = defineJob<unknown, { charged: string; attempt: number }>('charge', { maxAttempts: 5 });

@Injectable()
class Charging {
  @Tracked('orderId', charge)
  async charge(orderId: string, @CurrentJob() run?: JobRun<typeof charge>) {
    return { charged: orderId, attempt: run?.job.attempts ?? 0 };
  }
}

@Module({ imports: [JobTrackingCoreModule.forStore(new MemoryJobStore())], providers: [Charging] })
class OnAStore {}
@Module({ imports: [JobTrackingTestingModule.forRoot()], providers: [Charging] })
class InATest {}

const told: unknown[] = [];
for (const root of [OnAStore, InATest]) {
  const app = await NestFactory.createApplicationContext(root, { logger: false });
  told.push(await app.get(Charging).charge('7'));
  told.push(await app.get(Charging).charge('7').catch((error: unknown) => error instanceof JobAlreadySucceededError));
  told.push((await app.get(JobTrackerService).get({ kind: charge, id: '7' }))?.status);
  await app.close();
}
const bare = new Charging();
told.push(await untracked(() => bare.charge('7', fakeRun(charge, { id: '7' }))));
told.push(await bare.charge('7').catch((error: Error) => error.message));
const absent = ['nestjs-job-tracking', '@mikro-orm/core', '@mikro-orm/postgresql', '@mikro-orm/nestjs', 'kysely', 'pg'];
for (const name of absent) told.push(await import(name).then(() => name + ' is here', (error: { code: string }) => error.code));
console.log(JSON.stringify(told));
`;

/** The laws of a store, by the runner that is named. */
const laws = (runner: string) => `import { describe, it } from '${runner}';
import { describeJobStore, MemoryJobStore } from 'nestjs-job-tracking/testing';

describeJobStore({ describe, it }, {
  name: 'the in-memory store',
  async create() {
    const store = new MemoryJobStore();
    return { store, advance: async (ms) => store.advance(ms), close: () => store.close() };
  },
});
`;

export async function writeCoreApp(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'src'), { recursive: true });
  const files = {
    'package.json': JSON.stringify({ name: 'core-app', private: true, type: 'module' }),
    'tsconfig.json': JSON.stringify(TSCONFIG),
    'src/main.ts': MAIN,
    'src/laws.node.ts': laws('node:test'),
    'src/laws.spec.ts': laws('vitest'),
  };
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, file), text);
}
