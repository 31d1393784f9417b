// An app of its own that does what it is told over IPC, and can be killed, frozen and stopped. See test/support/worker.ts.
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobConsumer, JobRun } from 'nestjs-job-tracking';
import { startApp } from '../support/app.js';
import { crowd } from '../support/crowd.js';
import { toldByThrow, toldOf } from '../support/told.js';
import type { HandlerName, WorkerAnswer, WorkerCall, WorkerOptions, WorkerVerbs } from '../support/worker.js';

process.once('disconnect', () => process.exit()); // the test is gone

const options: WorkerOptions = JSON.parse(process.argv[2] ?? '{}');
const { nest, tracker } = await startApp(options);
nest.enableShutdownHooks();

const BLOCKED = 1_500;
const CALLERS = 50;

const say = (message: WorkerAnswer) => process.send?.(message);
const held = new Map<string, PromiseWithResolvers<void>>();
const consumers = new Map<string, { consumer: JobConsumer; ran: string[] }>();

const handlers: Record<HandlerName, (run: JobRun) => unknown> = {
  empty: () => null,
  held: (run) => hold(run),
  heeding: (run) => Promise.race([hold(run), aborted(run)]),
  endless: (run) => {
    void hold(run);
    return new Promise(() => {});
  },
  busy: (run) =>
    blocked(run, () => {
      for (const end = performance.now() + BLOCKED; performance.now() < end; );
    }),
  waiting: (run) => blocked(run, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCKED)),
};

async function blocked({ job: { id, claims } }: JobRun, block: () => unknown): Promise<{ claim: number }> {
  // Sent before the loop stands still.
  await new Promise((resolve) => process.send?.({ event: 'running', id } satisfies WorkerAnswer, resolve));
  block();
  return { claim: claims };
}

async function hold(run: JobRun): Promise<{ claim: number }> {
  const { id, claims } = run.job;
  const finish = Promise.withResolvers<void>();
  held.set(id, finish);
  run.signal.addEventListener('abort', () => say({ event: 'aborted', id, code: run.signal.reason.code }));
  say({ event: 'running', id });
  await finish.promise;
  return { claim: claims };
}

function aborted({ signal }: JobRun): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

const verbs: WorkerVerbs = {
  settle: async (job, handler, policy) => {
    let claim: number | null = null;
    const work = (run: JobRun) => {
      claim = run.job.claims;
      return handlers[handler](run);
    };
    return tracker.settle(job, work, policy).then(
      (outcome) => toldOf(job.id, claim, outcome),
      (error) => toldByThrow(job.id, claim, error),
    );
  },
  settleAll: async (kind, ids, handler, from) => {
    await sleep(from - Date.now());
    return crowd(CALLERS, ids, (id) => verbs.settle({ kind, id }, handler));
  },
  consume: async (kind, handler, consuming) => {
    const ran: string[] = [];
    const work = (run: JobRun) => {
      ran.push(run.job.id);
      return handlers[handler](run);
    };
    consumers.set(kind, { consumer: tracker.consume(kind, work, consuming), ran });
  },
  drain: async (kind) => {
    await consumers.get(kind)?.consumer.drain();
    return consumers.get(kind)?.ran ?? [];
  },
  finish: async (id, how = 'return') => {
    const handler = held.get(id);
    if (how === 'return') handler?.resolve();
    else handler?.reject(new Error('told to throw'));
  },
  clock: async () => Date.now(),
};

process.on('message', async ({ call, verb, args }: WorkerCall) => {
  const asked = verbs[verb] as (...args: unknown[]) => Promise<unknown>;
  say(
    await asked(...args).then(
      (answer) => ({ call, answer }),
      (error: unknown) => ({ call, error: String(error) }),
    ),
  );
});
say({ ready: true });
