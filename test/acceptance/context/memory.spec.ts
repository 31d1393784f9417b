// What runs leave behind in the process: nothing, whatever the handler returns and whoever calls it.
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { Readable } from 'node:stream';
import { Controller, Get, Logger, Param } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { type ClientProxy, ClientProxyFactory, MessagePattern, Transport } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { JobTrackerService, Tracked } from 'nestjs-job-tracking';
import { JobTrackingTestingModule } from 'nestjs-job-tracking/testing';
import { lastValueFrom, type Observable, of } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectGarbage } from '../../support/collect-garbage.js';

const RUNS = 100_000;
const AT_ONCE = 500;
/** Stacks make failures slow, and they go no other way than the others; sockets make requests slow, which `npm run test:full` has the time for. */
const SLOW = process.env.npm_lifecycle_event === 'test:full' ? ['failing'] : ['failing', 'route', 'message'];
/** Between two removals of what has been done: the store is the memory of this very process. */
const BITE = 2_000;
/** Some bytes a run would be a hundred times as much. */
const SLACK = 1_000_000;

const MESSAGES = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } } as const;

@Controller()
class Handlers {
  @Tracked('id', { kind: 'plain', timeout: '1m' })
  async plain(id: string) {
    return id;
  }

  @Tracked('_id', { kind: 'failing', maxAttempts: 1 })
  async failing(_id: string) {
    throw new Error('as planned');
  }

  @Tracked('id', 'observable')
  async observable(id: string): Promise<Observable<string>> {
    return of(id);
  }

  @Tracked('id', 'generator')
  async *generator(id: string) {
    yield id;
  }

  @Tracked('id', 'readable')
  async readable(id: string) {
    return Readable.from([id]);
  }

  @Get('route/:id')
  @Tracked('id', 'route')
  async route(@Param('id') id: string) {
    return { id };
  }

  @MessagePattern('message')
  @Tracked('id', 'message')
  async message({ id }: { id: string }) {
    return { id };
  }

  @OnEvent('happened', { suppressErrors: false })
  @Tracked('id', 'event')
  async onEvent({ id }: { id: string }) {
    return id;
  }
}

let app: NestFastifyApplication;
let client: ClientProxy;
let url: string;
beforeAll(async () => {
  Logger.overrideLogger(false);
  const imports = [JobTrackingTestingModule.forRoot(), EventEmitterModule.forRoot()];
  const module = await Test.createTestingModule({ imports, controllers: [Handlers] }).compile();
  app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  const server = app.connectMicroservice(MESSAGES);
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
  const { port } = server.unwrap<Server>().address() as AddressInfo;
  client = ClientProxyFactory.create({ ...MESSAGES, options: { ...MESSAGES.options, port } });
});
afterAll(async () => {
  agent.destroy();
  client?.close();
  await app?.close();
  Logger.overrideLogger(true);
});

/** Over sockets that are kept: what injects requests keeps something of each. */
const agent = new Agent({ keepAlive: true, maxSockets: 50 });

async function answered(url: string): Promise<void> {
  const [answer] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
  for await (const _ of answer);
  if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode}`);
}

const calls: Record<string, (handlers: Handlers, id: string) => Promise<unknown>> = {
  plain: (handlers, id) => handlers.plain(id),
  failing: (handlers, id) => handlers.failing(id).catch(() => {}),
  observable: async (handlers, id) => lastValueFrom(await handlers.observable(id)),
  generator: async (handlers, id) => {
    for await (const value of handlers.generator(id)) if (value !== id) throw new Error(value);
  },
  readable: async (handlers, id) => (await handlers.readable(id)).toArray(),
  route: (_, id) => answered(`${url}/route/${id}`),
  message: (_, id) => lastValueFrom(client.send('message', { id })),
  event: (_, id) => app.get(EventEmitter2).emitAsync('happened', { id }),
};

describe.each(Object.keys(calls))('runs of %s', (kind) => {
  const call = calls[kind] as (typeof calls)[string];

  async function run(count: number): Promise<{ heap: number; resources: number }> {
    const [handlers, tracker] = [app.get(Handlers), app.get(JobTrackerService)];
    for (let done = 0; done < count; done += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => call(handlers, `${done + i}`)));
      if ((done + AT_ONCE) % BITE === 0) await tracker.removeMany({ kind });
    }
    await collectGarbage();
    return { heap: process.memoryUsage().heapUsed, resources: process.getActiveResourcesInfo().length };
  }

  const runs = SLOW.includes(kind) ? RUNS / 5 : RUNS;

  it(`leave no listener, timer or context behind: ${runs} of them`, async () => {
    const before = await run(10_000);
    const after = await run(runs);
    expect(after.resources).toBeLessThanOrEqual(before.resources);
    expect(after.heap - before.heap).toBeLessThan(SLACK);
  }, 120_000);
});
