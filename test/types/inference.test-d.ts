// What the compiler knows without being told.
import { defineJob, type JobRun, type JobSnapshot, type JobTrackerService } from 'nestjs-job-tracking';
import { expectTypeOf } from 'vitest';
import { z } from 'zod';

declare const tracker: JobTrackerService;
const ship = defineJob('ship', {
  data: z.object({ address: z.string(), by: z.coerce.date() }),
  output: z.object({ tracking: z.string(), carrier: z.enum(['post', 'bike']) }),
  checkpoint: z.object({ page: z.number() }),
});
const typed = defineJob<{ sku: string }, { price: number }>('price');

export async function outputs() {
  expectTypeOf(await tracker.track('1', () => 5)).toEqualTypeOf<number>();
  expectTypeOf(await tracker.track({ kind: 'any', id: '1' }, async () => ({ a: 'text' }))).toEqualTypeOf<{
    a: string;
  }>();
  expectTypeOf(await tracker.track('1', () => {})).toEqualTypeOf<void>();
  expectTypeOf(await tracker.track({ kind: typed, id: '1' }, () => ({ price: 5 }))).toEqualTypeOf<{ price: number }>();
  // More than the kind asks for is kept for the caller.
  const more = await tracker.track({ kind: typed, id: '1' }, () => ({ price: 5, note: 'cheap' }));
  expectTypeOf(more).toEqualTypeOf<{ price: number; note: string }>();

  const told = await tracker.settle({ kind: typed, id: '1' }, async () => ({ price: 5 }));
  expectTypeOf(told.redeliver).toEqualTypeOf<number | false>();
  if (told.status === 'succeeded') expectTypeOf(told.output).toEqualTypeOf<{ price: number }>();
  if (told.status === 'refused') expectTypeOf(told.error.retryAfter).toEqualTypeOf<number | null>();
  if (told.status === 'lost') expectTypeOf<typeof told.error.code>().toEqualTypeOf<'LEASE_LOST'>();
  if (told.status === 'failed' || told.status === 'pending') expectTypeOf(told.error).toBeUnknown();
}

export async function literals() {
  const job = { kind: ship, id: '1', data: { address: 'here', by: new Date() } };
  const sent = await tracker.track(job, () => ({ tracking: 't', carrier: 'post' }) as const);
  expectTypeOf(sent.carrier).toEqualTypeOf<'post'>();
  await tracker.track(job, async () => ({ tracking: 't', carrier: 'bike' as const }));
  const annotated = async (): Promise<{ tracking: string; carrier: 'post' | 'bike' }> => ({
    tracking: 't',
    carrier: 'post',
  });
  expectTypeOf(await tracker.track(job, annotated)).toEqualTypeOf<{ tracking: string; carrier: 'post' | 'bike' }>();
}

export async function verdictsEndTheFlow(flag: boolean) {
  const snoozed = await tracker.track('1', async (run) => {
    if (flag) return run.snooze('5m');
    return 5;
  });
  expectTypeOf(snoozed).toEqualTypeOf<number>();
  expectTypeOf(await tracker.track('1', (run) => run.ignore('no'))).toBeNever();
}

export async function runs() {
  tracker.consume(ship, (run) => {
    expectTypeOf(run).toEqualTypeOf<JobRun<typeof ship>>();
    expectTypeOf(run.job.data).toEqualTypeOf<{ address: string; by: Date }>();
    expectTypeOf(run.job.checkpoint).toEqualTypeOf<{ page: number } | null>();
    return { tracking: run.job.data.address, carrier: 'post' as const };
  });
  await tracker.track({ kind: 'name', id: '1', data: { anything: true } }, async (run) => {
    expectTypeOf(run.job.data).toBeUnknown();
    await run.checkpoint(['anything']);
    run.set({ data: 5 });
  });
}

export async function reads() {
  const job = await tracker.get({ kind: ship, id: '1' });
  expectTypeOf(job).toEqualTypeOf<JobSnapshot<typeof ship> | null>();
  expectTypeOf(job?.output?.carrier).toEqualTypeOf<'post' | 'bike' | undefined>();
  const { items } = await tracker.list({ kind: typed, status: ['failed', 'ignored'] });
  expectTypeOf(items).toEqualTypeOf<JobSnapshot<typeof typed>[]>();
  expectTypeOf((await tracker.list()).items).toEqualTypeOf<JobSnapshot[]>();
  expectTypeOf((await tracker.register({ kind: typed, id: '1', data: { sku: 'a' } })).job.data).toEqualTypeOf<{
    sku: string;
  }>();
}

export async function severalKinds(kind: typeof ship | typeof typed) {
  await tracker.registerMany([
    { kind: typed, id: '1', data: { sku: 'a' } },
    { kind: typed, id: '2', data: { sku: 'b' } },
  ]);
  await tracker.registerMany<typeof ship | typeof typed | 'plain'>([
    { kind: typed, id: '1', data: { sku: 'a' } },
    { kind: ship, id: '1', data: { address: 'here', by: new Date() } },
    { kind: 'plain', id: '1' },
  ]);
  expectTypeOf((await tracker.list({ kind })).items[0]?.data).toEqualTypeOf<
    { address: string; by: Date } | { sku: string } | undefined
  >();
}

export const kinds = () => {
  expectTypeOf(ship.kind).toEqualTypeOf<string>();
  expectTypeOf(defineJob('plain')).toEqualTypeOf<ReturnType<typeof defineJob<unknown, unknown, unknown>>>();
};
