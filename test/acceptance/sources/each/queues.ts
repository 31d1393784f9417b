import { randomUUID } from 'node:crypto';
import { BullModule, getQueueToken, Processor, WorkerHost } from '@nestjs/bullmq';
import { DiscoveryService } from '@nestjs/core';
import { type Job, Queue } from 'bullmq';
import { CurrentJob, type JobRun } from 'nestjs-job-tracking';
import { startApp } from '../../../support/app.js';
import { redisOptions } from '../../../support/brokers/redis-options.js';
import { type Input, type Kind, type Reply, registered, type Source, type Stage } from '../index.js';

/** So late that no law meets a second try. */
const RETRIES = { attempts: 5, backoff: 3_600_000 };

function processor(stage: Stage, kind: Kind) {
  class Host extends WorkerHost {
    readonly stage = stage;

    @stage.handles(kind, 'data.id')
    async process(job: Job<Input>, _token?: string, @CurrentJob() run?: JobRun) {
      return this.stage.perform(run as JobRun, job.data);
    }
  }
  const Registered = registered(Host, kind);
  Processor(stage.named(kind.name), { concurrency: 10 })(Registered);
  return Registered;
}

/** Until its worker has told Redis what came of it. */
async function processed(queue: Queue, { worker }: WorkerHost, input: Input): Promise<Reply> {
  const jobId = randomUUID();
  const ended = Promise.withResolvers<unknown>();
  const end = (job: Job | undefined) => {
    if (job?.id === jobId) ended.resolve(job);
  };
  worker.on('completed', end).on('failed', end);
  const job = await queue.add(input.kind, input, { ...RETRIES, jobId });
  await ended.promise;
  worker.off('completed', end).off('failed', end);
  return { message: (await job.getState()) === 'delayed' ? 'again' : 'done' };
}

export const queues: Source = {
  name: 'a BullMQ processor',
  needs: 'redis',
  family: 'queue',
  answers: false,
  turnsAway: [],
  perRequest: true,
  async start(stage) {
    const connection = redisOptions();
    const hosts = new Map(stage.kinds.map((kind) => [kind.name, processor(stage, kind)]));
    const names = stage.kinds.map(({ name }) => stage.named(name));
    const app = await startApp({
      ...stage.app,
      imports: [BullModule.forRoot({ connection }), BullModule.registerQueue(...names.map((name) => ({ name })))],
      providers: [...hosts.values()],
    });
    const providers = app.nest.get(DiscoveryService, { strict: false }).getProviders();
    // Of one that is made per request, the worker is held by what Nest makes the instances of.
    const workerOf = (kind: string): WorkerHost =>
      providers.find(({ metatype }) => metatype === hosts.get(kind))?.instance;
    return {
      app,
      send: ({ kind, ...rest }) =>
        processed(app.nest.get(getQueueToken(stage.named(kind))), workerOf(kind), {
          kind,
          ...rest,
        }),
      async cleanUp() {
        for (const name of names) {
          const queue = new Queue(name, { connection });
          await queue.obliterate({ force: true });
          await queue.close();
        }
      },
    };
  },
};
