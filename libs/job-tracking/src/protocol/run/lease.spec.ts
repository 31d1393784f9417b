import { describe, expect, test } from 'vitest';
import { renewalInterval, renewalRetry, untilDoubt, untilRenewal } from './lease.js';

const MINUTE = 60_000;
const NOW = 1_000_000;

describe('a lease', () => {
  test.each([500, 30_000, 10 * MINUTE])('of %i ms leaves time for two more renewals when one has failed', (lease) => {
    expect(3 * renewalInterval(lease)).toBeLessThanOrEqual(lease);
    expect(renewalInterval(lease) + 4 * renewalRetry(lease)).toBeLessThan(untilDoubt(lease, lease, 0));
  });

  test('of an hour is not left alone for minutes, when a renewal has failed', () => {
    expect(renewalRetry(60 * MINUTE)).toBe(1_000);
  });

  test.each([500, 30_000, 10 * MINUTE])('of %i ms is in doubt a little before its end', (lease) => {
    const early = lease - untilDoubt(lease, NOW + lease, NOW);
    expect(early).toBeGreaterThan(0);
    expect(early).toBeLessThanOrEqual(Math.min(lease / 20, 500));
  });

  test('that has run out is in doubt at once', () => {
    expect(untilDoubt(30_000, NOW - 1, NOW)).toBe(0);
  });

  test('that was promised a while ago is renewed so much sooner', () => {
    expect(untilRenewal(30_000, NOW + 30_000, NOW)).toBe(10_000);
    expect(untilRenewal(30_000, NOW + 26_000, NOW)).toBe(6_000);
    expect(untilRenewal(30_000, NOW + 5_000, NOW)).toBe(0);
  });

  test('that a longer one has left behind is renewed no later than its third', () => {
    expect(untilRenewal(30_000, NOW + 10 * MINUTE, NOW)).toBe(10_000);
  });
});
