import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttemptOutcome } from '../job/job.js';
import type { Ending } from '../store/job-store.js';
import { type Attempt, attemptOf, isDue, isHeld, type JobState, registered } from './job-state.js';
import { ignore, release, removalRefusal, retry } from './operator-transitions.js';
import { type Claim, type Claimed, checkpoint, claim, end, refusalOf, renew, succeed } from './run-transitions.js';

const LEASE = 30_000;
const asked = (token: string, more: Partial<Claim> = {}): Claim => ({
  token,
  worker: 'worker-1',
  lease: LEASE,
  maxAttempts: 3,
  maxCrashes: 3,
  rerun: false,
  early: true,
  ready: true,
  ...more,
});
const ending = (outcome: Ending['outcome'], more: Partial<Ending> = {}): Ending => ({
  outcome,
  error: outcome === 'failed' ? '{"name":"Error"}' : null,
  reason: null,
  delay: 1_000,
  maxAttempts: 3,
  ...more,
});
const success = { output: '"done"', data: undefined, reason: null };
const pending = (now = 0) => registered({ data: '{"a":1}', runAt: null, maxAttempts: null }, now);

function granted(answer: Claimed): JobState {
  if (answer.answer !== 'granted') throw new Error(`expected a grant, got ${JSON.stringify(answer)}`);
  return answer.state;
}
const running = (token = 't1', now = 0, from: JobState | null = pending(now)) =>
  granted(claim(from, asked(token), now));
function written(state: JobState | null): JobState {
  if (state === null) throw new Error('the lease is lost');
  return state;
}
const GIVES_BACK: readonly (AttemptOutcome | null)[] = ['snoozed', 'interrupted', 'released'];

describe('a claim', () => {
  it('of a job that waits and is due is granted, and leaves nothing to history', () => {
    const answer = claim(pending(), asked('t1'), 5);
    expect(answer).toMatchObject({ answer: 'granted', past: null, tookOver: false });
    expect(granted(answer)).toMatchObject({
      status: 'in_progress',
      claims: 1,
      attempts: 1,
      token: 't1',
      worker: 'worker-1',
      startedAt: 5,
      expiresAt: 5 + LEASE,
      outcome: null,
      finishedAt: null,
    });
  });

  it('of a failed job is granted at once by an explicit call, by a consumer when its backoff has passed', () => {
    const failed = written(end(running(), 't1', ending('failed'), 10));
    expect(failed).toMatchObject({ status: 'failed', runAt: 1_010 });
    expect(isDue(failed, true, 1_009)).toBe(false);
    expect(isDue(failed, true, 1_010)).toBe(true);
    expect(claim(failed, asked('t2'), 11)).toMatchObject({
      answer: 'granted',
      past: {
        claim: 1,
        attempt: 1,
        token: 't1',
        outcome: 'failed',
        startedAt: 0,
        finishedAt: 10,
        error: '{"name":"Error"}',
      },
      state: { claims: 2, attempts: 2, error: '{"name":"Error"}' },
    });
  });

  it('is refused by what the job is', () => {
    const succeeded = written(succeed(running(), 't1', success, 1));
    const refused = (state: JobState | null, more: Partial<Claim> = {}, now = 2) =>
      refusalOf(state, asked('t2', more), now);
    expect(refused(null)).toBe('not_found');
    expect(refused(running())).toBe('locked');
    expect(refused(running(), {}, LEASE)).toBe('locked');
    expect(refused(running(), {}, LEASE + 1)).toBe(null);
    expect(refused(succeeded)).toBe('succeeded');
    expect(refused(succeeded, { rerun: true })).toBe(null);
    expect(refused(written(end(running(), 't1', ending('ignored'), 1)), { rerun: true })).toBe('ignored');
    expect(refused({ ...pending(), runAt: 3 })).toBe('not_due');
    expect(refused({ ...pending(), runAt: 3 }, { ready: false })).toBe('not_due');
    expect(refused(pending(), { ready: false })).toBe('not_ready');
    expect(refused(succeeded, { ready: false })).toBe('succeeded');
    expect(claim(pending(), asked('t2', { ready: false }), 2)).toEqual({ answer: 'refused', refusal: 'not_ready' });
  });

  it('sent again by a caller who lost the answer changes nothing; when its run is over it is never granted again', () => {
    const held = running();
    expect(claim(held, asked('t1'), 1)).toEqual({ answer: 'held' });
    expect(claim(held, asked('t1'), LEASE + 1)).toEqual({ answer: 'held' });
    for (const over of [
      end(held, 't1', ending('failed'), 1),
      end(held, 't1', ending('snoozed', { delay: 0 }), 1),
      succeed(held, 't1', success, 1),
    ])
      expect(claim(over, asked('t1', { rerun: true }), 2_000)).toEqual({ answer: 'used' });
  });

  it('that waited for its row does not start before the last attempt ended', () => {
    const failed = written(end(running(), 't1', ending('failed'), 10));
    expect(running('t2', 7, failed)).toMatchObject({ startedAt: 10, expiresAt: 7 + LEASE });
  });

  it('of a succeeded job that runs again keeps the output until the next success', () => {
    const done = written(succeed(running(), 't1', { ...success, reason: 'too long' }, 1));
    const rerun = granted(claim(done, asked('t2', { rerun: true }), 2));
    expect(rerun).toMatchObject({ output: '"done"', reason: null });
    expect(end(rerun, 't2', ending('failed'), 3)).toMatchObject({ status: 'failed', output: '"done"' });
  });
});

describe('a takeover', () => {
  it('records the dead attempt as crashed and counts it', () => {
    const answer = claim(running('t1', 0), asked('t2'), LEASE + 1);
    expect(answer).toMatchObject({
      tookOver: true,
      past: { claim: 1, attempt: 1, token: 't1', outcome: 'crashed', finishedAt: LEASE + 1, error: null },
      state: { claims: 2, attempts: 2, crashes: 1, failures: 0, token: 't2' },
    });
  });

  it('that finds one death too many makes the job ignored and keeps the row as the record of the dead attempt', () => {
    const answer = claim(running('t1'), asked('t2', { maxCrashes: 1 }), LEASE + 1);
    if (answer.answer !== 'died') throw new Error(answer.answer);
    expect(answer.state).toMatchObject({
      status: 'ignored',
      outcome: 'crashed',
      reason: 'its worker died once',
      claims: 1,
      attempts: 1,
      crashes: 1,
      token: 't1',
      finishedAt: LEASE + 1,
      expiresAt: null,
    });
    expect(JSON.parse(answer.state.error ?? '')).toEqual({
      name: 'JobCrashedError',
      message: 'its worker died once',
      fingerprint: 'worker-died',
    });
    expect(attemptOf(answer.state, 99_999)).toMatchObject({
      outcome: 'crashed',
      finishedAt: LEASE + 1,
      error: answer.state.error,
    });
  });

  it("leaves the last failure's error on the row, and on no attempt but its own", () => {
    const failed = written(end(running(), 't1', ending('failed'), 1));
    const answer = claim(running('t2', 2, failed), asked('t3'), LEASE + 3);
    expect(answer).toMatchObject({
      past: { claim: 2, outcome: 'crashed', error: null },
      state: { error: '{"name":"Error"}' },
    });
  });
});

describe('a job that is ignored by count', () => {
  const crashed = (state: JobState, crashes: number, failures: number, bounds: Partial<Claim>) => {
    const answer = claim({ ...state, crashes, failures }, asked('t9', bounds), LEASE + 1);
    return answer.answer === 'died' ? answer.state.reason : answer.answer;
  };
  const failed = (crashes: number, failures: number, maxAttempts: number) =>
    end({ ...running(), crashes, failures }, 't1', ending('failed', { maxAttempts }), 1)?.reason;

  it('says what happened to it', () => {
    expect(crashed(running(), 0, 5, { maxCrashes: 1, maxAttempts: 9 })).toBe('its worker died once');
    expect(crashed(running(), 2, 0, { maxCrashes: 3 })).toBe('its worker died 3 times');
    expect(crashed(running(), 0, 2, { maxCrashes: 3 })).toBe('3 attempts used up: 2 failed, 1 crashed');
    expect(failed(0, 0, 1)).toBe('failed once');
    expect(failed(0, 2, 3)).toBe('failed 3 times');
    expect(failed(1, 1, 3)).toBe('3 attempts used up: 2 failed, 1 crashed');
    expect(failed(1, 0, 3)).toBe(null);
  });
});

describe('an end', () => {
  it('of success clears failures, crashes, error and checkpoint, never claims or attempts', () => {
    const failed = written(end(running(), 't1', ending('failed'), 1));
    const taken = granted(claim(running('t2', 2, failed), asked('t3', { maxAttempts: 9 }), LEASE + 3));
    expect(taken).toMatchObject({ claims: 3, attempts: 3, failures: 1, crashes: 1 });
    const state = written(checkpoint(taken, 't3', '{"page":2}'));
    expect(succeed(state, 't3', { ...success, data: '{"a":2}' }, LEASE + 4)).toMatchObject({
      status: 'succeeded',
      outcome: 'succeeded',
      claims: 3,
      attempts: 3,
      failures: 0,
      crashes: 0,
      error: null,
      checkpoint: null,
      output: '"done"',
      data: '{"a":2}',
      token: 't3',
      expiresAt: null,
    });
    expect(succeed(state, 't3', success, LEASE + 4)?.data).toBe('{"a":1}');
  });

  it.each(['snoozed', 'interrupted', 'released'] as const)(
    '%s gives the attempt back and counts nothing',
    (outcome) => {
      const state = written(end(running(), 't1', ending(outcome, { delay: 50 }), 10));
      expect(state).toMatchObject({
        status: 'pending',
        outcome,
        claims: 1,
        attempts: 0,
        failures: 0,
        crashes: 0,
        runAt: 60,
        token: 't1',
      });
      expect(attemptOf(state, 99)).toMatchObject({ claim: 1, attempt: 1, outcome, error: null });
      expect(running('t2', 60, state)).toMatchObject({ claims: 2, attempts: 1 });
    },
  );

  it('ignored is final at once and keeps why', () => {
    const state = end(running(), 't1', ending('ignored', { error: '{"name":"Gone"}', reason: 'customer is gone' }), 1);
    expect(state).toMatchObject({
      status: 'ignored',
      outcome: 'ignored',
      reason: 'customer is gone',
      error: '{"name":"Gone"}',
      failures: 0,
    });
  });

  it('that comes late still counts, unless somebody else was granted the job', () => {
    const late = running();
    expect(succeed(late, 't1', success, 10 * LEASE)).not.toBe(null);
    expect(succeed(granted(claim(late, asked('t2'), LEASE + 1)), 't1', success, LEASE + 2)).toBe(null);
  });

  it('is written once', () => {
    const done = succeed(running(), 't1', success, 1);
    expect(succeed(done, 't1', success, 2)).toBe(null);
    expect(end(done, 't1', ending('failed'), 2)).toBe(null);
    expect(end(null, 't1', ending('failed'), 2)).toBe(null);
  });
});

describe('while it runs', () => {
  it('a renewal moves the end of the lease forward only, and is no change of the job', () => {
    const state = running('t1', 0);
    expect(renew(state, 't1', { lease: LEASE, progress: { fraction: 0.5, note: null } }, 10)).toEqual({
      ...state,
      expiresAt: 10 + LEASE,
      progress: { fraction: 0.5, note: null, at: 10 },
    });
    expect(renew(state, 't1', { lease: 500, progress: null }, 10)).toEqual(state);
    expect(renew(state, 't2', { lease: LEASE, progress: null }, 10)).toBe(null);
  });

  it('a checkpoint lasts through failures and crashes', () => {
    const state = written(checkpoint(running(), 't1', '{"page":2}'));
    expect(end(state, 't1', ending('failed'), 1)?.checkpoint).toBe('{"page":2}');
    expect(granted(claim(state, asked('t2'), LEASE + 1)).checkpoint).toBe('{"page":2}');
    expect(checkpoint(state, 't2', '{}')).toBe(null);
  });
});

describe('operators', () => {
  const failed = written(end(running(), 't1', ending('failed'), 1));
  const done = written(succeed(running(), 't1', success, 1));
  const ignored = written(end(running(), 't1', ending('ignored'), 1));
  const snoozed = written(end(running('t2', 2, failed), 't2', ending('snoozed', { delay: 500 }), 3));

  it('retry a failed, an ignored or a waiting job; a succeeded one when a rerun is asked for; never a running one', () => {
    const retried = { changed: true, state: { status: 'pending', runAt: 9, failures: 0, crashes: 0, reason: null } };
    for (const state of [failed, ignored, snoozed]) expect(retry(state, { rerun: false }, 9)).toMatchObject(retried);
    expect(retry(failed, { rerun: false }, 9)).toMatchObject({
      state: { outcome: 'failed', error: failed.error, finishedAt: 1, attempts: 1 },
    });
    const crashed = granted(claim(running('t2', 2, failed), asked('t3', { maxAttempts: 9 }), LEASE + 3));
    const both = written(end(crashed, 't3', ending('failed', { maxAttempts: 9 }), LEASE + 4));
    expect(both).toMatchObject({ failures: 2, crashes: 1 });
    expect(retry(both, { rerun: false }, 9)).toMatchObject(retried);
    expect(retry(done, { rerun: false }, 9)).toEqual({ refusal: 'succeeded' });
    expect(retry(done, { rerun: true }, 9)).toMatchObject(retried);
    expect(retry(running(), { rerun: true }, 10 * LEASE)).toEqual({ refusal: 'locked' });
    expect(retry(null, { rerun: true }, 9)).toEqual({ refusal: 'not_found' });
    expect(retry(pending(5), { rerun: false }, 9)).toEqual({ state: pending(5), changed: false });
  });

  it('ignore a waiting or a failed job', () => {
    for (const state of [failed, snoozed])
      expect(ignore(state, 'why', 9)).toMatchObject({ changed: true, state: { status: 'ignored', reason: 'why' } });
    expect(ignore(ignored, 'why', 9)).toEqual({ state: ignored, changed: false });
    expect(ignore(done, 'why', 9)).toEqual({ refusal: 'succeeded' });
    expect(ignore(running(), 'why', 9)).toEqual({ refusal: 'locked' });
    expect(ignore(null, 'why', 9)).toEqual({ refusal: 'not_found' });
  });

  it('release a running job: its run is fenced off, its attempt is given back', () => {
    const answer = release(running(), 9);
    expect(answer).toMatchObject({
      changed: true,
      state: { status: 'pending', outcome: 'released', claims: 1, attempts: 0, runAt: 9, token: 't1', finishedAt: 9 },
    });
    if ('state' in answer) expect(succeed(answer.state, 't1', success, 10)).toBe(null);
    expect(release(failed, 9)).toEqual({ state: failed, changed: false });
    expect(release(done, 9)).toEqual({ refusal: 'succeeded' });
    expect(release(ignored, 9)).toEqual({ refusal: 'ignored' });
    expect(release(null, 9)).toEqual({ refusal: 'not_found' });
  });

  it('remove anything that does not run', () => {
    for (const state of [failed, done, ignored, snoozed, pending()]) expect(removalRefusal(state)).toBe(null);
    expect(removalRefusal(running())).toBe('locked');
    expect(removalRefusal(null)).toBe('not_found');
  });
});

describe('a job becomes ignored exactly when its bad endings reach maxAttempts, or its deaths maxCrashes', () => {
  const bad = fc.constantFrom('throws', 'dies');
  const counted = fc.record({
    bad,
    before: fc.array(fc.constantFrom('snoozed', 'interrupted', 'released'), { maxLength: 2 }),
  });

  it.each([
    [1, 3],
    [2, 3],
    [3, 3],
    [3, 1],
    [3, 2],
    [6, 3],
  ])('maxAttempts %i, maxCrashes %i', (maxAttempts, maxCrashes) => {
    fc.assert(
      fc.property(fc.array(counted, { minLength: 6, maxLength: 6 }), fc.boolean(), (endings, own) => {
        const bounds = own ? { maxAttempts: 100, maxCrashes } : { maxAttempts, maxCrashes };
        let [state, now, failures, crashes] = [{ ...pending(), maxAttempts: own ? maxAttempts : null }, 0, 0, 0];
        const start = () => {
          state = granted(claim(state, asked(`t${now}`, bounds), now));
        };
        for (const { bad, before } of endings) {
          for (const outcome of before) {
            start();
            state = written(end(state, `t${now}`, ending(outcome, { delay: 0, ...bounds }), ++now));
          }
          start();
          if (bad === 'throws') {
            state = written(end(state, `t${now}`, ending('failed', { delay: 0, ...bounds }), ++now));
            failures++;
          } else {
            now += LEASE + 1;
            const answer = claim(state, asked(`t${now}`, bounds), now);
            if (answer.answer !== 'granted' && answer.answer !== 'died') throw new Error(answer.answer);
            state = answer.state;
            crashes++;
          }
          const reached = failures + crashes >= maxAttempts || (bad === 'dies' && crashes >= maxCrashes);
          expect(state).toMatchObject({
            failures,
            crashes,
            status: reached ? 'ignored' : bad === 'throws' ? 'failed' : 'in_progress',
          });
          if (reached) return;
          if (bad === 'dies') state = written(end(state, `t${now}`, ending('released', { delay: 0 }), ++now));
        }
      }),
    );
  });
});

describe('whatever happens to a job, in any order', () => {
  interface World {
    state: JobState | null;
    past: Attempt[];
    now: number;
    /** Every token ever granted, the last one last. */
    tokens: string[];
    claims: number;
  }
  type Step = (world: World) => World;

  const put = (world: World, next: JobState | null): World =>
    next === null ? world : { ...world, state: Object.freeze(next) };
  const changed = (world: World, answer: ReturnType<typeof retry>) =>
    'state' in answer ? put(world, answer.state) : world;

  const claiming =
    (terms: Partial<Claim>, waited: number): Step =>
    (world) => {
      const token = `t${world.tokens.length + 1}`;
      const answer = claim(world.state, asked(token, terms), world.now - waited);
      if (answer.answer === 'died') return put(world, answer.state);
      if (answer.answer !== 'granted') return world;
      const granted = put(world, answer.state);
      const past = answer.past ? [...world.past, answer.past] : world.past;
      return { ...granted, past, tokens: [...world.tokens, token], claims: world.claims + 1 };
    };

  /** By its holder, or by one who held it once: whose write changes nothing. */
  const writing =
    (back: number, write: (state: JobState | null, token: string, now: number) => JobState | null): Step =>
    (world) => {
      const token = world.tokens.at(-1 - back);
      if (token === undefined) return world;
      const holds = isHeld(world.state, token);
      const next = write(world.state, token, world.now);
      expect(next !== null).toBe(holds);
      if (back > 0) expect(holds).toBe(false);
      return put(world, next);
    };

  const back = fc.constantFrom(0, 0, 0, 1, 2);
  const outcome = fc.constantFrom<Ending['outcome'][]>('failed', 'ignored', 'snoozed', 'interrupted', 'released');
  const bound = fc.constantFrom(1, 2, 3);
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc
      .record({ runAt: fc.option(fc.constant(new Date(5_000))), maxAttempts: fc.option(bound) })
      .map(
        (job) => (world: World) => (world.state ? world : put(world, registered({ data: null, ...job }, world.now))),
      ),
    fc.constantFrom(1, 999, 1_000, LEASE, LEASE + 1).map((ms) => (world: World) => ({ ...world, now: world.now + ms })),
    {
      weight: 4,
      arbitrary: fc
        .tuple(
          fc.record({ maxAttempts: bound, maxCrashes: bound, rerun: fc.boolean() }),
          fc.constantFrom(true, true, false),
          fc.constantFrom(0, 0, 1),
        )
        .map(([terms, ready, waited]) => claiming({ ...terms, ready }, waited)),
    },
    back.map((back) => (world: World) => {
      // The answer was lost and the request is sent again.
      const token = world.tokens.at(-1);
      if (token !== undefined && world.state?.token === token)
        expect(claim(world.state, asked(token, { rerun: true }), world.now).answer).toBe(
          isHeld(world.state, token) ? 'held' : 'used',
        );
      return writing(back, (state, token, now) => renew(state, token, { lease: LEASE, progress: null }, now))(world);
    }),
    {
      weight: 3,
      arbitrary: fc
        .tuple(back, outcome, bound)
        .map(([back, outcome, maxAttempts]) =>
          writing(back, (state, token, now) =>
            end(state, token, ending(outcome, { maxAttempts, reason: outcome === 'ignored' ? 'why' : null }), now),
          ),
        ),
    },
    fc
      .tuple(back, fc.option(fc.constant('"too long"')))
      .map(([back, reason]) =>
        writing(back, (state, token, now) => succeed(state, token, { ...success, reason }, now)),
      ),
    back.map((back) => writing(back, (state, token) => checkpoint(state, token, '{}'))),
    fc.boolean().map((rerun) => (world: World) => changed(world, retry(world.state, { rerun }, world.now))),
    fc.constant((world: World) => changed(world, ignore(world.state, 'by hand', world.now))),
    fc.constant((world: World) => changed(world, release(world.state, world.now))),
    fc.constant((world: World) =>
      removalRefusal(world.state) === null
        ? { ...world, state: null, past: [], tokens: world.tokens, claims: 0 }
        : world,
    ),
  );

  it('the constraints of its row hold, its history is whole, a token is granted once and holds it alone', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        let world: World = { state: null, past: [], now: 1, tokens: [], claims: 0 };
        for (const step of steps) {
          world = step(world);
          if (world.state) expectWhole(world.state, world);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  function expectWhole(state: JobState, { past, now, tokens, claims }: World): void {
    expectConstraints(state);
    expect(state.claims).toBe(claims);
    const row = attemptOf(state, now);
    const attempts = row ? [...past, row] : past;
    expect(attempts.map(({ claim }) => claim)).toEqual(Array.from({ length: claims }, (_, i) => i + 1));
    expect(attempts.map(({ token }) => token)).toEqual(claims > 0 ? tokens.slice(-claims) : []);
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(tokens.filter((token) => isHeld(state, token)).length).toBe(state.status === 'in_progress' ? 1 : 0);
    expect(state.attempts).toBe(attempts.filter((each) => !GIVES_BACK.includes(each.outcome)).length);
    for (const [i, each] of attempts.entries()) {
      expect(each.startedAt).toBeGreaterThanOrEqual(attempts[i - 1]?.finishedAt ?? 0);
      expect(each.error === null || ['failed', 'ignored', 'crashed'].includes(each.outcome)).toBe(true);
    }
    if (isDue(state, true, now)) expect(refusalOf(state, { ready: true, rerun: false, early: true }, now)).toBe(null);
    if (refusalOf(state, { ready: true, rerun: false, early: true }, now) === null)
      expect(isDue(state, true, now) || state.status === 'failed').toBe(true);
  }

  /** As the table has them, then what its columns mean beside. */
  function expectConstraints(state: JobState): void {
    const {
      status,
      claims,
      attempts,
      failures,
      crashes,
      token,
      worker,
      startedAt,
      expiresAt,
      outcome,
      finishedAt,
      reason,
    } = state;
    const constraints = {
      lease: (status === 'in_progress') === (expiresAt !== null),
      grant:
        (claims === 0) === (token === null) &&
        (token === null) === (worker === null) &&
        (token === null) === (startedAt === null),
      endedAttempt:
        (outcome !== null) === (claims > 0 && status !== 'in_progress') && (outcome === null) === (finishedAt === null),
      outcome: (status !== 'succeeded' || outcome === 'succeeded') && (status !== 'failed' || outcome === 'failed'),
      counts: attempts >= 0 && failures >= 0 && crashes >= 0 && claims >= attempts,
      reason: status === 'ignored' ? reason !== null : status === 'succeeded' || reason === null,
      success:
        status !== 'succeeded' ||
        (failures === 0 && crashes === 0 && state.error === null && state.checkpoint === null),
    };
    expect(constraints).toEqual(Object.fromEntries(Object.keys(constraints).map((name) => [name, true])));
  }
});
