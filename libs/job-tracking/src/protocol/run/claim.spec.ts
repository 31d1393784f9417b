import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { MemoryJobStore } from '../../memory/index.js';
import type { JobEvent } from '../events/job-events.js';
import { defineJob } from '../job/define-job.js';
import type { JobRun } from '../job/kind.js';
import { type KindRef, type TrackingPolicy } from '../job/kind.js';
import { resolvePolicy } from '../job/policy.js';
import { InvalidJobError, JobInterruptedError } from '../options/errors.js';
import { PAYLOAD_LIMITS, Payloads } from '../payload/payloads.js';
import { runTracked, type Work } from './run-tracked.js';
import { ActiveRuns } from './runs-of-app.js';

/** How one app asks for jobs, on the in-memory store. */
function begin() {
  const store = new MemoryJobStore();
  const told: JobEvent[] = [];
  const payloads = new Payloads(PAYLOAD_LIMITS, undefined);
  const events = { announce: (event: JobEvent) => void told.push(event) };
  const tracking = { store, events, payloads, worker: 'one', defaults: {}, runs: new ActiveRuns() };
  const settle = (job: { kind?: KindRef; id?: string; data?: unknown }, work: Work, policy: TrackingPolicy = {}) =>
    runTracked(tracking, { kind: 'kind', id: '1', ...job }, resolvePolicy(policy), work);
  return { store, tracking, told, settle };
}

const held = () => new Promise(() => {});
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a job that has succeeded', () => {
  test.each(['replay', 'join'] as const)(
    'is answered by its output under %s, and told as replayed',
    async (onDuplicate) => {
      const { settle } = begin();
      await settle({}, () => ({ total: 7 }));
      expect(await settle({}, () => 'again', { onDuplicate })).toEqual({
        status: 'succeeded',
        output: { total: 7 },
        replayed: true,
        redeliver: false,
      });
    },
  );

  test.each(['refuse', 'skip'] as const)('is refused under %s, and told so', async (onDuplicate) => {
    const { settle, told } = begin();
    await settle({}, () => 'done');
    expect(await settle({}, () => 'again', { onDuplicate })).toMatchObject({
      status: 'refused',
      error: { code: 'JOB_ALREADY_SUCCEEDED' },
    });
    expect(told.at(-1)).toEqual({ type: 'refused', kind: 'kind', id: '1', code: 'JOB_ALREADY_SUCCEEDED' });
  });

  test('runs again under rerun alone', async () => {
    const { settle } = begin();
    await settle({}, () => 'done');
    expect(await settle({}, () => 'again', { onDuplicate: 'rerun' })).toMatchObject({
      output: 'again',
      replayed: false,
    });
  });

  test.each(['replay', 'join'] as const)(
    'is answered in the stored form under %s, its first caller too',
    async (onDuplicate) => {
      const { settle } = begin();
      const at = new Date(0);
      expect(await settle({}, () => ({ at }), { onDuplicate })).toMatchObject({ output: { at: at.toISOString() } });
      expect(await settle({ id: '2' }, () => ({ at }))).toMatchObject({ output: { at } });
    },
  );

  test('is answered as its schema reads it; without an output as far as the schema takes it, and by null where not', async () => {
    const { settle } = begin();
    const kind = defineJob('read', { output: z.object({ at: z.coerce.date() }) });
    await settle({ kind }, () => ({ at: new Date(0) }));
    expect(await settle({ kind }, held, { onDuplicate: 'replay' })).toMatchObject({ output: { at: new Date(0) } });
    await settle({ kind, id: 'none' }, () => undefined);
    expect(await settle({ kind, id: 'none' }, held, { onDuplicate: 'replay' })).toMatchObject({ output: null });
  });
});

describe('a job that runs', () => {
  test.each(['refuse', 'replay', 'rerun', 'skip'] as const)('is refused under %s', async (onDuplicate) => {
    const { settle } = begin();
    void settle({}, held);
    await turn();
    expect(await settle({}, () => 'again', { onDuplicate })).toMatchObject({ error: { code: 'JOB_LOCKED' } });
  });

  test('is waited for under join, until it ends or the app does', async () => {
    const { settle, tracking } = begin();
    const end = Promise.withResolvers<string>();
    void settle({}, () => end.promise);
    await turn();
    const joined = settle({}, held, { onDuplicate: 'join' });
    end.resolve('done');
    expect(await joined).toMatchObject({ output: 'done', replayed: true });
    void settle({ id: '2' }, held);
    await turn();
    const waits = settle({ id: '2' }, held, { onDuplicate: 'join' });
    await turn();
    void tracking.runs.close(0);
    expect(await waits).toMatchObject({ status: 'pending', error: expect.any(JobInterruptedError) });
  });
});

describe('other data than was registered', () => {
  test.each(['replay', 'join'] as const)(
    'is a mismatch under %s, and none where none is given',
    async (onDuplicate) => {
      const { settle } = begin();
      await settle({ data: 1 }, () => 'done');
      expect(await settle({ data: 2 }, held, { onDuplicate })).toMatchObject({ error: { code: 'JOB_MISMATCH' } });
      expect(await settle({}, held, { onDuplicate })).toMatchObject({ output: 'done' });
      expect(await settle({ data: 1 }, held, { onDuplicate })).toMatchObject({ output: 'done' });
    },
  );

  test('is nobody’s business under rerun', async () => {
    const { settle } = begin();
    await settle({ data: 1 }, () => 'done');
    expect(await settle({ data: 2 }, () => 'again', { onDuplicate: 'rerun' })).toMatchObject({ output: 'again' });
  });
});

describe('a job that is missing', () => {
  const kind = defineJob('strict', { data: z.object({ n: z.number() }) });

  test('is registered, or refused where that is the policy', async () => {
    const { settle, store } = begin();
    expect(await settle({}, () => 'done', { onMissing: 'refuse' })).toMatchObject({ error: { code: 'JOB_NOT_FOUND' } });
    expect(await store.get({ kind: 'kind', id: '1' })).toBeNull();
    expect(await settle({}, () => 'done')).toMatchObject({ status: 'succeeded' });
  });

  test('is bad input where its kind asks for data and none was given; where it is there, or to be refused, it is not', async () => {
    const { settle } = begin();
    await expect(settle({ kind }, held)).rejects.toBeInstanceOf(InvalidJobError);
    expect(await settle({ kind }, held, { onMissing: 'refuse' })).toMatchObject({ error: { code: 'JOB_NOT_FOUND' } });
    await settle({ kind, data: { n: 1 } }, () => Promise.reject(new Error('no')));
    expect(await settle({ kind }, () => 'done')).toMatchObject({ status: 'succeeded' });
  });

  test('is bad input with bad data, though the job is there; and with what is not data', async () => {
    const { settle } = begin();
    await settle({ kind, data: { n: 1 } }, () => Promise.reject(new Error('no')));
    await expect(settle({ kind, data: { n: 'one' } }, held)).rejects.toBeInstanceOf(InvalidJobError);
    await expect(settle({ kind, priority: 10 } as never, () => 'done')).rejects.toMatchObject({ field: 'priority' });
  });
});

describe('a handler', () => {
  const kind = defineJob('read', {
    data: z.object({ at: z.coerce.date() }),
    checkpoint: z.object({ page: z.coerce.number() }),
  });
  const data = { at: new Date(0) };

  test('gets data and checkpoint as the schemas read them, and no checkpoint where there is none', async () => {
    const { settle } = begin();
    const seen: unknown[] = [];
    const work = async (run: JobRun) => {
      seen.push(run.job.data, run.job.checkpoint);
      await run.checkpoint({ page: '7' });
      throw new Error('no');
    };
    for (let i = 0; i < 2; i++) await settle({ kind, data }, work);
    expect(seen).toEqual([data, null, data, { page: 7 }]);
  });

  test('is not called for data that its schema no longer reads: that is a failure', async () => {
    const { settle } = begin();
    await settle({ kind: 'read', data: { at: 'never' } }, () => Promise.reject(new Error('no')));
    const outcome = await settle({ kind }, () => 'done');
    expect(outcome).toMatchObject({ status: 'failed', error: expect.any(InvalidJobError) });
  });

  test('that stages data which its schema refuses has failed, whatever it returned', async () => {
    const { settle, store } = begin();
    const work = (run: JobRun) => {
      run.set({ data: { at: 'never' } });
      return 'done';
    };
    expect(await settle({ kind, data }, work)).toMatchObject({ status: 'failed', error: expect.any(InvalidJobError) });
    expect(await store.get({ kind: 'read', id: '1' })).toMatchObject({ data: { at: data.at.toISOString() } });
  });

  test('that stages data changes it by its success', async () => {
    const { settle, store } = begin();
    await settle({ data: 1 }, (run) => run.set({ data: 2 }));
    expect(await store.get({ kind: 'kind', id: '1' })).toMatchObject({ data: 2 });
  });

  test('runs inside what the store puts around it', async () => {
    const { settle, store } = begin();
    let inside = false;
    store.around = async (_grant, work) => {
      inside = true;
      return work().finally(() => {
        inside = false;
      });
    };
    expect(await settle({}, () => inside)).toMatchObject({ output: true });
  });
});

describe('an app that stops', () => {
  test('claims nothing', async () => {
    const { settle, store, tracking } = begin();
    await tracking.runs.close(0);
    expect(await settle({}, () => 'done')).toMatchObject({ status: 'pending', error: expect.any(JobInterruptedError) });
    expect(await store.get({ kind: 'kind', id: '1' })).toBeNull();
  });

  test('knows its runs as long as they run, and no longer', async () => {
    const { settle, tracking } = begin();
    await settle({}, () => 'done');
    const signals: AbortSignal[] = [];
    const running = settle({ id: '2' }, (run) => {
      signals.push(run.signal);
      return new Promise((_, reject) => run.signal.addEventListener('abort', () => reject(run.signal.reason)));
    });
    await turn();
    const began = performance.now();
    await tracking.runs.close(50);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(signals.map(({ reason }) => reason)).toEqual([expect.any(JobInterruptedError)]);
    expect(await running).toMatchObject({ status: 'pending' });
  });

  test('waits for none that has ended', async () => {
    const { settle, tracking } = begin();
    await settle({}, () => 'done');
    const began = performance.now();
    await tracking.runs.close(10_000);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
