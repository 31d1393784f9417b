import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  ClaimAnswer,
  ClaimedSet,
  ClaimRequest,
  Ending,
  Grant,
  JobAttemptSnapshot,
  JobFilter,
  JobReader,
  JobSnapshot,
  JobStore,
  NewJob,
  Standing,
} from '../protocol/index.js';

/** A lease that does not run out while a law is proved, and one that has run out after `pass`. Milliseconds. */
export const LONG = 60_000;
export const SHORT = 20;

const ERROR = JSON.stringify({ name: 'Error', message: 'no', fingerprint: 'f00d' });

/** What a law is told in: one kind of jobs that is the law's own, and verbs with everything left out that the law is not about. */
export class World {
  readonly kind = `law-${randomUUID()}`;

  constructor(
    readonly store: JobStore & JobReader,
    private readonly advance: ((ms: number) => Promise<void>) | undefined,
  ) {}

  /** Until every SHORT lease, and every delay up to SHORT, has passed. */
  async pass(ms = 3 * SHORT): Promise<void> {
    await (this.advance ? this.advance(ms) : sleep(ms));
  }

  newJob(id: string, more: Partial<NewJob> = {}): NewJob {
    return { kind: this.kind, id, data: null, dataHash: null, runAt: null, priority: 0, maxAttempts: null, ...more };
  }

  async register(id: string, more: Partial<NewJob> = {}): Promise<boolean> {
    return (await this.store.register(this.newJob(id, more))).registered;
  }

  request(id: string, more: Partial<ClaimRequest> = {}): ClaimRequest {
    const bounds = {
      maxAttempts: 3,
      maxCrashes: 3,
      after: [],
      rerun: false,
      early: true,
      register: null,
      dataHash: undefined,
    };
    return { kind: this.kind, id, token: randomUUID(), worker: 'one', lease: LONG, ...bounds, ...more };
  }

  claim(id: string, more: Partial<ClaimRequest> = {}): Promise<ClaimAnswer> {
    return this.store.claim(this.request(id, more));
  }

  /** A claim that must be granted. */
  async granted(id: string, more: Partial<ClaimRequest> = {}): Promise<Grant> {
    const answer = await this.claim(id, more);
    assert.ok(answer.grant, `expected a grant of ${id}, got a refusal: ${JSON.stringify(answer)}`);
    return answer.grant;
  }

  /** A claim that must be refused. */
  async refused(id: string, more: Partial<ClaimRequest> = {}): Promise<{ standing: Standing; died: boolean }> {
    const answer = await this.claim(id, more);
    assert.equal(answer.grant, null, `expected a refusal of ${id}`);
    return answer as { standing: Standing; died: boolean };
  }

  /** Registered, and granted for the first time. */
  async running(id: string, more: Partial<ClaimRequest> = {}): Promise<Grant> {
    return this.granted(id, { register: this.newJob(id), ...more });
  }

  /** Granted to a worker that is not heard of again. */
  async orphaned(id: string, more: Partial<ClaimRequest> = {}): Promise<Grant> {
    const grant = await this.granted(id, { register: this.newJob(id), lease: SHORT, worker: 'dead', ...more });
    await this.pass();
    return grant;
  }

  async succeeded(id: string, output: unknown = 'done'): Promise<Grant> {
    const grant = await this.running(id);
    assert.ok(await this.succeed(grant, output));
    return grant;
  }

  /** With one failure behind it, due again at once. */
  async failed(id: string, more: Partial<ClaimRequest> = {}): Promise<Grant> {
    const grant = await this.running(id, more);
    assert.ok(await this.end(grant, 'failed'));
    return grant;
  }

  async ignored(id: string): Promise<Grant> {
    const grant = await this.running(id);
    assert.ok(await this.end(grant, 'ignored', { reason: 'gone' }));
    return grant;
  }

  succeed(grant: Grant, output: unknown = 'done', data?: unknown): Promise<boolean> {
    const staged = data === undefined ? undefined : JSON.stringify(data);
    return this.store.succeed(grant, { output: JSON.stringify(output), data: staged, reason: null });
  }

  end(grant: Grant, outcome: Ending['outcome'], more: Partial<Ending> = {}): Promise<Standing | null> {
    const error = outcome === 'failed' ? ERROR : null;
    return this.store.end(grant, { outcome, error, reason: null, delay: 0, maxAttempts: 3, ...more });
  }

  due(limit = 100, more: Partial<ClaimRequest> = {}): Promise<ClaimedSet> {
    const { worker, lease, maxAttempts, maxCrashes, after } = this.request('', more);
    return this.store.claimDue({ kind: this.kind, limit, worker, lease, maxAttempts, maxCrashes, after });
  }

  async job(id: string): Promise<JobSnapshot> {
    const job = await this.store.get({ kind: this.kind, id });
    assert.ok(job, `expected job ${id} to be there`);
    return job;
  }

  attempts(id: string): Promise<JobAttemptSnapshot[]> {
    return this.store.attempts({ kind: this.kind, id });
  }

  async outcomes(id: string): Promise<string[]> {
    return (await this.attempts(id)).map(({ claim, attempt, outcome }) => `${claim}.${attempt} ${outcome}`);
  }

  key(id: string) {
    return { kind: this.kind, id };
  }

  filter(more: JobFilter = {}): JobFilter {
    return { kind: this.kind, ...more };
  }
}

/** The work must leave the job's snapshot as it was. */
export async function leaves(world: World, id: string, work: () => Promise<unknown>): Promise<void> {
  const before = await world.job(id);
  await work();
  assert.deepEqual(await world.job(id), before);
}

/** The same claim by twenty at once. */
export function twenty<T>(ask: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: 20 }, ask));
}
