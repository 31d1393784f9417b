import type { ClaimAnswer, ClaimRequest, Grant, Lease, Renewal, Success } from 'nestjs-job-tracking/core';
import { MemoryJobStore } from 'nestjs-job-tracking/testing';
import { expect, test } from 'vitest';
import { checkHistories } from './histories.js';
import { onMemory, stopClock } from './memory-ground.js';

/** A net is as good as what it has caught: stores that break one rule each, as such stores are often written. */
class ByIdAlone extends MemoryJobStore {
  readonly #last = new Map<string, Grant>();
  override async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    const answer = await super.claim(request);
    if (answer.grant) this.#last.set(`${request.kind}/${request.id}`, answer.grant);
    return answer;
  }
  override succeed(grant: Grant, success: Success): Promise<boolean> {
    return super.succeed(this.#last.get(`${grant.kind}/${grant.id}`) ?? grant, success);
  }
}

class Impatient extends MemoryJobStore {
  override async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    const answer = await super.claim(request);
    if (answer.grant || !answer.standing.job?.lease) return answer;
    await super.release(request);
    return super.claim(request);
  }
}

class Hopeful extends MemoryJobStore {
  override async renew(grant: Grant, renewal: Renewal): Promise<Lease | null> {
    return (await super.renew(grant, renewal)) ?? { heldUntil: performance.now() + renewal.lease };
  }
}

class Forgetful extends MemoryJobStore {
  override async release(key: { kind: string; id: string }) {
    const change = await super.release(key);
    if (change.changed) await super.remove(key);
    return change;
  }
}

stopClock();

test.each([
  ['records an outcome by the id alone', ByIdAlone, /succeeds/],
  ['grants a job whose lease holds', Impatient, /claims .*→ {2}granted/],
  ['tells a stale worker that its lease is renewed', Hopeful, /renews/],
  ['loses the history of a released job', Forgetful, /release/],
])('a store that %s is found out, by a short history', async (_, Broken, last) => {
  const found = await checkHistories(onMemory({ open: () => new Broken() }), { runs: 1_000, seed: 1 }).then(
    () => '',
    (error: Error) => error.message,
  );
  const lines = found.split('\n').filter((line) => /^ *\d+\. /.test(line));
  expect(lines.at(-1), found).toMatch(last);
  expect(lines.length, found).toBeLessThan(7);
});
