import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrackingPolicy } from '../job/kind.js';
import { resolvePolicy } from '../job/policy.js';
import { backoffDelay } from './backoff.js';

const delay = (backoff: TrackingPolicy['backoff'], failures: number, error?: unknown) =>
  backoffDelay(resolvePolicy({ backoff }), failures, error);

describe('a backoff', () => {
  it('doubles from its first delay and never passes its longest, after any number of failures', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (failures) => {
        const grown = 1_000 * 2 ** (failures - 1);
        const found = delay(undefined, failures);
        expect(found).toBeGreaterThanOrEqual(Math.min(grown, 480_000));
        expect(found).toBeLessThanOrEqual(Math.min(grown * 1.2, 600_000));
      }),
    );
  });

  it('brings jobs that failed together back apart, at its longest delay too', () => {
    for (const backoff of [undefined, '10m', { first: '10m', max: '10m' }] as const)
      expect(new Set(Array.from({ length: 50 }, () => delay(backoff, 30))).size).toBeGreaterThan(10);
  });

  it('that is one duration is about that, each time', () => {
    for (const failures of [1, 2, 50]) {
      expect(delay('1m', failures)).toBeGreaterThanOrEqual(60_000);
      expect(delay('1m', failures)).toBeLessThanOrEqual(72_000);
    }
    expect(delay(0, 1)).toBe(0);
  });

  it("of the user's own is taken as it is, told the failures and the error", () => {
    const error = new Error('slow down');
    expect(delay((failures, thrown) => (thrown === error ? `${failures}h` : 0), 2, error)).toBe(7_200_000);
  });

  it("of the user's own that throws or answers nonsense is passed over", () => {
    const odd = [() => JSON.parse('{'), () => -1, () => 'soon', () => undefined, () => Promise.resolve(1)];
    for (const backoff of odd) {
      const found = delay(backoff as TrackingPolicy['backoff'], 1);
      expect(found).toBeGreaterThanOrEqual(1_000);
      expect(found).toBeLessThanOrEqual(1_200);
    }
  });
});
