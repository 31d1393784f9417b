// What the compiler must refuse, each for its own reason.
import {
  Consume,
  defineJob,
  type JobRun,
  type JobTrackerService,
  JobTrackingModule,
  Tracked,
} from 'nestjs-job-tracking';
import { z } from 'zod';

declare const tracker: JobTrackerService;
declare const order: { id?: string };
const ship = defineJob('ship', { data: z.object({ address: z.string() }), output: z.object({ tracking: z.string() }) });
const sent = () => ({ tracking: 't' });

export const refused = [
  // data
  // @ts-expect-error data of the wrong type
  () => tracker.register({ kind: ship, id: '1', data: { address: 5 } }),
  // @ts-expect-error a slip in a key of the data
  () => tracker.register({ kind: ship, id: '1', data: { adress: 'here' } }),
  // @ts-expect-error a kind whose data is declared is registered with it
  () => tracker.register({ kind: ship, id: '1' }),
  // @ts-expect-error one of many
  () => tracker.registerMany([{ kind: ship, id: '2', data: 5 }]),
  // @ts-expect-error staged data of the wrong type
  () => tracker.track({ kind: ship, id: '1' }, (run) => run.set({ data: 5 })),

  // output
  // @ts-expect-error output of the wrong type
  () => tracker.track({ kind: ship, id: '1', data: { address: 'here' } }, () => ({ tracking: 5 })),
  // @ts-expect-error output of the wrong type, later
  () => tracker.consume(ship, async () => 'sent'),

  // ids
  // @ts-expect-error the id is missing
  () => tracker.register({ kind: ship, data: { address: 'here' } }),
  // @ts-expect-error the id may be undefined
  () => tracker.ignore({ kind: ship, id: order.id }, 'customer cancelled'),
  // @ts-expect-error the id is a number
  () => tracker.get({ kind: ship, id: 7 }),

  // policies
  // @ts-expect-error skip is for handlers
  () => tracker.track('1', sent, { onDuplicate: 'skip' }),
  // @ts-expect-error skip is for handlers
  () => tracker.settle('1', sent, { onDuplicate: 'skip' }),
  // @ts-expect-error an unknown option
  () => tracker.track('1', sent, { maxAttemps: 3 }),
  // @ts-expect-error a duration is a number of milliseconds or has a unit
  () => defineJob('x', { lease: '30 seconds' }),
  // @ts-expect-error an unknown option
  () => defineJob('x', { retries: 3 }),
  // @ts-expect-error no schema
  () => defineJob('x', { data: { address: 'string' } }),
  // @ts-expect-error a verdict that is none
  () => defineJob('x', { classify: () => 'fail' }),
  // @ts-expect-error no kind
  () => defineJob('x', { after: [5] }),
  // @ts-expect-error consumers have no say in duplicates
  () => tracker.consume('x', sent, { onDuplicate: 'rerun' }),
  // @ts-expect-error an unknown option
  () => tracker.consume('x', sent, { concurency: 3 }),

  // queries
  // @ts-expect-error a query has no id
  () => tracker.retryMany({ kind: ship, id: '1' }),
  // @ts-expect-error a query has no id
  () => tracker.ignoreMany({ kind: ship, id: order.id ?? '' }, 'no'),
  // @ts-expect-error a status that is none
  () => tracker.list({ status: 'done' }),
  // @ts-expect-error an unknown condition
  () => tracker.count({ knd: ship }),
  // @ts-expect-error a query is needed
  () => tracker.removeMany(),
  // @ts-expect-error an order that is none
  () => tracker.list({ order: 'desc' }),
  // @ts-expect-error a reason is needed
  () => tracker.ignore('1'),

  // the module and the decorators
  // @ts-expect-error an unknown option
  () => JobTrackingModule.forRoot({ migration: 'run' }),
  // @ts-expect-error a step of every job would be a circle
  () => JobTrackingModule.forRoot({ defaults: { after: 'x' } }),
  // @ts-expect-error an id comes from somewhere
  () => Tracked(),
  // @ts-expect-error an unknown option
  () => Tracked('id', { kind: 'x', onSuccess: 'replay' }),
];

export class Handlers {
  // @ts-expect-error a method for another kind of run
  @Consume(ship)
  otherRun(run: JobRun<ReturnType<typeof defineJob<{ page: number }>>>) {
    return { tracking: String(run.job.data.page) };
  }

  // @ts-expect-error a method with another output
  @Consume(ship)
  async otherOutput() {
    return { tracking: 5 };
  }
}
