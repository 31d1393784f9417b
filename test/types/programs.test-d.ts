// Twelve programs as users write them. They are compiled, never run.
import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Injectable, Param, ParseIntPipe, Post } from '@nestjs/common';
import {
  Consume,
  CurrentJob,
  defineJob,
  Job,
  JobAttempt,
  JobIgnoredError,
  JobLockedError,
  JobRefusedError,
  type JobRun,
  JobStatus,
  type JobTrackerService,
  JobTrackingModule,
  Tracked,
  type TrackingPolicy,
} from 'nestjs-job-tracking';
import { z } from 'zod';

const Money = z.object({ amount: z.number(), method: z.string() });
type Money = z.infer<typeof Money>;
interface Order {
  id: string;
  sku: string;
}
interface Message {
  orderId: string;
}
declare const stripe: {
  charge(money: Money, options: { idempotencyKey: string; signal?: AbortSignal }): Promise<{ id: string; at: Date }>;
};
declare const stock: { reserve(order: Order): Promise<{ warehouse: number; until: Date }> };
declare const channel: { ack(message: Message): void; nack(message: Message): void };
declare function loadRows(file: string, offset: number): Promise<void>;
declare function buildReport(day: string): Promise<{ rows: number }>;
declare class CardDeclined extends Error {}

export const reserve = defineJob('reserve', {
  output: z.object({ warehouse: z.number(), until: z.coerce.date() }),
  onDuplicate: 'replay',
});
export const charge = defineJob('charge', {
  data: Money,
  output: z.object({ id: z.string(), at: z.coerce.date() }),
  after: reserve,
  onDuplicate: 'replay',
  classify: (error) => (error instanceof CardDeclined ? 'release' : undefined),
});
export const ship = defineJob<{ address: string }, { tracking: string }>('ship', {
  after: [reserve, charge],
  backoff: { first: '5s', max: '1h' },
});
export const nightly = defineJob('nightly-report');
export const importFile = defineJob<{ file: string; total: number }, unknown, { offset: number }>('import', {
  lease: '1m',
  timeout: '2h',
});

@Controller('orders')
export class Orders {
  constructor(private readonly tracker: JobTrackerService) {}

  /** a. A card is charged once; a duplicate gets the stored answer. */
  @Post(':orderId/charge')
  @Tracked((orderId: number, dto: Money) => ({ id: String(orderId), data: dto }), charge)
  async charge(
    @Param('orderId', ParseIntPipe) _orderId: number,
    @Body() dto: Money,
    @CurrentJob() run: JobRun<typeof charge>,
  ) {
    return stripe.charge(dto, { idempotencyKey: run.idempotencyKey, signal: run.signal });
  }

  /** b. A consumer of a broker is told in one word what to do with its message. */
  async consumed(message: Message) {
    const out = await this.tracker.settle({ kind: 'goodbye', id: message.orderId }, () => 'sent');
    if (out.redeliver === false) channel.ack(message);
    else setTimeout(() => channel.nack(message), out.redeliver);
  }

  /** e. Three steps; in a recovery `until` is a Date, too. */
  async fulfil(order: Order, money: Money) {
    const { until } = await this.tracker.track({ kind: reserve, id: order.id }, () => stock.reserve(order));
    if (until.getTime() < Date.now()) return null;
    const job = { kind: charge, id: order.id, data: money };
    return this.tracker.track(job, (run) => stripe.charge(money, { idempotencyKey: run.idempotencyKey }));
  }
}

/** c. A tick registers, a consumer runs, the table retries. */
@Injectable()
export class NightlyReport {
  constructor(private readonly tracker: JobTrackerService) {}

  async tick() {
    await this.tracker.register({
      kind: nightly,
      id: new Date().toLocaleDateString('sv', { timeZone: 'Europe/Prague' }),
    });
  }

  @Consume(nightly, { concurrency: 1, pollInterval: '5s' })
  async report(run: JobRun<typeof nightly>) {
    return buildReport(run.job.id);
  }
}

/** d. A processor of a queue, which passes its arguments by place. */
export class VideoProcessor {
  @Tracked('job.data.videoId', { kind: 'transcode', timeout: '20m', onDuplicate: 'replay' })
  async process(job: { data: { videoId: string } }, _token?: string, @CurrentJob() run?: JobRun) {
    return { file: job.data.videoId, attempt: run?.job.attempts };
  }
}

/** f. A million rows. */
@Injectable()
export class PriceImport {
  constructor(private readonly tracker: JobTrackerService) {}

  async import(rows: AsyncIterable<{ sku: string; price: number }>) {
    const price = defineJob<{ sku: string; price: number }, number>('price');
    const jobs = async function* () {
      for await (const row of rows) yield { kind: price, id: row.sku, data: row };
    };
    const { registered, existing } = await this.tracker.registerMany(jobs());
    await using consumer = this.tracker.consume(price, (run) => run.job.data.price, { concurrency: 100 });
    await consumer.drain();
    const failed = await this.tracker.count({ kind: price, status: [JobStatus.failed, 'ignored'] });
    return { registered, existing, failed, ran: consumer.counts.succeeded };
  }
}

/** g. Failed jobs of one cause run again after a fix. */
export async function afterTheFix(tracker: JobTrackerService) {
  const { items } = await tracker.list({ kind: charge, status: 'failed', order: 'newest', limit: 1 });
  const errorFingerprint = items[0]?.error?.fingerprint;
  if (errorFingerprint === undefined) return 0;
  return tracker.retryMany({ kind: charge, status: ['failed', 'ignored'], errorFingerprint });
}

/** h, i. Reads beside the app's own rows. */
export async function overdue(em: EntityManager) {
  const jobs = await em.find(
    Job,
    { status: 'in_progress', expiresAt: { $lt: new Date() } },
    { orderBy: { startedAt: 'asc' } },
  );
  const crashes = await em.count(JobAttempt, { kind: 'charge', outcome: 'crashed' });
  return { overdue: jobs.map(({ id, worker, error }) => ({ id, worker, message: error?.message })), crashes };
}

/** j. A unit test of a method that is handed its run. */
export const unit = (orders: Orders, run: JobRun<typeof charge>) =>
  orders.charge(7, { amount: 10, method: 'pm_1' }, run);

/** k. Typed reads need no cast. */
export async function typed(tracker: JobTrackerService) {
  await tracker.register({ kind: ship, id: '1', data: { address: 'here' } });
  const job = await tracker.get({ kind: ship, id: '1' });
  return job?.output?.tracking.toUpperCase() ?? job?.data.address;
}

/** l. A long job goes on where the attempt before it stopped. */
@Injectable()
export class FileImport {
  @Consume(importFile, { lease: '1m' })
  async import(run: JobRun<typeof importFile>) {
    for (let { offset } = run.job.checkpoint ?? { offset: 0 }; offset < run.job.data.total; offset += 1_000) {
      run.signal.throwIfAborted();
      await loadRows(run.job.data.file, offset);
      await run.checkpoint({ offset: offset + 1_000 });
      run.progress(offset / run.job.data.total, `${offset} rows`);
    }
    await run.assertHeld();
  }
}

/** An operator’s page: refusals tell why. */
export async function retried(tracker: JobTrackerService, id: string): Promise<string> {
  try {
    const { status } = await tracker.retry({ kind: ship, id }, { rerun: true });
    return status;
  } catch (error) {
    if (error instanceof JobLockedError) return `running until ${error.expiresAt.toISOString()}`;
    if (error instanceof JobIgnoredError) return error.reason;
    if (error instanceof JobRefusedError)
      return `${error.code}${error.final ? ', for good' : ''}: ${error.job?.status}`;
    throw error;
  }
}

/** The module, both ways. */
const patient: TrackingPolicy = {
  maxAttempts: 10,
  maxCrashes: 5,
  backoff: (failures, error) => (error instanceof CardDeclined ? '1d' : failures * 1_000),
};
export const modules = [
  JobTrackingModule.forRoot(),
  JobTrackingModule.forRoot({
    defaults: { ...patient, after: undefined } as Omit<TrackingPolicy, 'after'>,
    migrations: 'run',
    schema: 'jobs',
    worker: 'worker-1',
    grace: '30s',
    startTimeout: '1m',
    redact: (value, where) => (where === 'error' ? value : structuredClone(value)),
    limits: { data: 2 ** 16, error: 4_096 },
  }),
  JobTrackingModule.forRootAsync({
    imports: [],
    inject: ['CONFIG'],
    useFactory: async (config: { schema: string }) => ({ schema: config.schema }),
  }),
];
