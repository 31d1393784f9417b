import { describe, expect, test } from 'vitest';
import { MemoryJobStore } from '../../memory/index.js';
import type { JobEvent } from '../events/job-events.js';
import type { JobRun } from '../job/kind.js';
import { type TrackingPolicy } from '../job/kind.js';
import { resolvePolicy } from '../job/policy.js';
import { JobTimeoutError, LeaseLostError } from '../options/errors.js';
import { PAYLOAD_LIMITS, Payloads } from '../payload/payloads.js';
import { runTracked, type Work } from './run-tracked.js';
import { ActiveRuns } from './runs-of-app.js';

/** Calls that wait under join, made inside of runs, on the in-memory store. */
function begin(store = new MemoryJobStore(), worker = 'one') {
  const told: JobEvent[] = [];
  const payloads = new Payloads(PAYLOAD_LIMITS, undefined);
  const events = { announce: (event: JobEvent) => void told.push(event) };
  const tracking = { store, events, payloads, worker, defaults: {}, runs: new ActiveRuns() };
  const settle = (id: string, work: Work, policy: TrackingPolicy = {}) =>
    runTracked(tracking, { kind: 'kind', id }, resolvePolicy(policy), work);
  const join = (id: string) => settle(id, () => 'by who joined', { onDuplicate: 'join' });
  /** In its handler until it is told to end. */
  const holding = async (id: string) => {
    const [entered, end] = [Promise.withResolvers<JobRun>(), Promise.withResolvers<unknown>()];
    const ended = settle(id, (run) => {
      entered.resolve(run);
      return end.promise;
    });
    return { run: await entered.promise, end: end.resolve, ended };
  };
  return { store, told, tracking, settle, join, holding };
}

const locked = (why: string) => ({
  status: 'refused',
  error: { code: 'JOB_LOCKED', message: expect.stringContaining(why) },
});
const OWN = 'held by the very run that this call is made in';
const CROSSWISE = 'itself waits for a run that this call is made in';
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a run that joins its own job', () => {
  test('is refused at once, and told who holds it', async () => {
    const { settle, join, told } = begin();
    expect(await settle('a', () => join('a'))).toMatchObject({ status: 'succeeded', output: locked(OWN) });
    expect(told).toContainEqual({ type: 'refused', kind: 'kind', id: 'a', code: 'JOB_LOCKED' });
  });

  test('through other runs, and late, is refused likewise', async () => {
    const { settle, join } = begin();
    const outcome = await settle('a', () =>
      settle('b', async () => {
        await turn();
        return settle('c', () => join('a'));
      }),
    );
    expect(outcome).toMatchObject({ output: { output: { output: locked(OWN) } } });
  });

  test('through another app on the same store is refused likewise', async () => {
    const one = begin();
    const two = begin(one.store, 'two');
    expect(await one.settle('a', () => two.join('a'))).toMatchObject({ output: locked(OWN) });
    expect(await one.settle('b', () => two.settle('c', () => one.join('b')))).toMatchObject({
      output: { output: locked(OWN) },
    });
  });

  test('is told the same where it does not wait', async () => {
    const { settle } = begin();
    expect(await settle('a', () => settle('a', () => 'again'))).toMatchObject({ output: locked(OWN) });
  });

  test('waits, where it has lost the job and another worker holds it', async () => {
    const one = begin();
    const two = begin(one.store, 'two');
    const outcome = await one.settle('a', async () => {
      one.store.advance(60_000);
      const successor = await two.holding('a');
      const joined = one.join('a');
      await turn();
      successor.end('by the successor');
      return (await joined) as never;
    });
    expect(outcome).toMatchObject({ status: 'lost' });
    expect(await one.store.get({ kind: 'kind', id: 'a' })).toMatchObject({ output: 'by the successor', claims: 2 });
  });
});

describe('runs that join each other', () => {
  test('crosswise: the one that closes the circle is refused, the other gets its answer', async () => {
    const { settle, join } = begin();
    const bBegan = Promise.withResolvers<void>();
    const aWaits = Promise.withResolvers<void>();
    let refused: unknown;
    const a = settle('a', async () => {
      await bBegan.promise;
      const joined = join('b');
      await turn();
      aWaits.resolve();
      return joined;
    });
    const b = settle('b', async () => {
      bBegan.resolve();
      await aWaits.promise;
      refused = await join('a');
      return 'b';
    });
    expect(await b).toMatchObject({ status: 'succeeded', output: 'b' });
    expect(await a).toMatchObject({ output: { replayed: true, output: 'b' } });
    expect(refused).toMatchObject(locked(CROSSWISE));
  });

  test('in a ring of three, one of them through a run of its own: one is refused', async () => {
    const { settle, join } = begin();
    const ids = ['a', 'b', 'c'];
    const begun = ids.map(() => Promise.withResolvers<void>());
    const all = Promise.all(begun.map(({ promise }) => promise));
    const outcomes = await Promise.all(
      ids.map((id, i) =>
        settle(id, async () => {
          begun[i]?.resolve();
          await all;
          const next = () => join(ids[(i + 1) % 3] as string);
          return id === 'b' ? settle('inside b', next) : next();
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(JSON.stringify(outcomes).match(/JOB_LOCKED/g)?.length).toBeGreaterThan(0);
  });

  test('a run that waits for one which waits for a third is not refused', async () => {
    const { settle, join, holding } = begin();
    const third = await holding('c');
    const second = settle('b', () => join('c'));
    await turn();
    const first = settle('a', () => join('b'));
    await turn();
    third.end('done');
    expect(await second).toMatchObject({ output: { output: 'done', replayed: true } });
    expect(await first).toMatchObject({ output: { replayed: true } });
  });

  test('a run that has waited waits for nobody any more', async () => {
    const { settle, join, holding } = begin();
    const b = await holding('b');
    const [waited, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const a = settle('a', async () => {
      await join('b');
      waited.resolve();
      await release.promise;
      return 'a';
    });
    await turn();
    b.end('b');
    await waited.promise;
    const again = settle('b', () => join('a'), { onDuplicate: 'rerun' });
    await turn();
    release.resolve();
    expect(await a).toMatchObject({ output: 'a' });
    expect(await again).toMatchObject({ output: { output: 'a', replayed: true } });
  });
});

describe('the signal of a run', () => {
  test('ends a wait inside it: its own timeout is not waited past', async () => {
    const { settle, join, holding } = begin();
    await holding('b');
    const outcome = await settle('a', () => join('b'), { timeout: 20 });
    expect(outcome).toMatchObject({ status: 'failed', error: expect.any(JobTimeoutError) });
  });

  test('ends a wait in a run inside it, and nothing is begun for it any more', async () => {
    const { settle, join, holding, told } = begin();
    const b = await holding('b');
    const seen: unknown[] = [];
    const inner = () => settle('inner', async () => void seen.push(await join('b')));
    await settle('a', inner, { timeout: 20 });
    expect(seen).toMatchObject([locked('the run that waits for it')]);
    b.end(Promise.reject(new Error('no')));
    await b.ended;
    expect(told.filter((event) => event.type === 'claimed' && event.id === 'b')).toHaveLength(1);
  });

  test('that has aborted lets nothing wait', async () => {
    const { settle, join, holding } = begin();
    await holding('b');
    const outcome = await settle('a', async (run) => {
      (run as never as { abort(reason: Error): void }).abort(new LeaseLostError('gone'));
      return join('b');
    });
    expect(outcome).toMatchObject({ status: 'succeeded', output: locked('the run that waits for it') });
  });
});
