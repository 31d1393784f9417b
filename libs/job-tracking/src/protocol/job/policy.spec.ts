import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../options/errors.js';
import { defineJob } from './define-job.js';
import { type TrackingPolicy } from './kind.js';
import { checkPolicy, POLICY_KEYS, resolvePolicy } from './policy.js';

const check = (policy: unknown) => checkPolicy(policy as TrackingPolicy, 'track');

describe('a policy', () => {
  it('without options is the built-in one', () => {
    const { classify, ...rest } = resolvePolicy();
    expect(rest).toMatchObject({
      lease: 30_000,
      timeout: null,
      maxAttempts: 3,
      maxCrashes: 3,
      backoff: { first: '1s', max: '10m' },
      after: [],
      onMissing: 'register',
      onDuplicate: 'refuse',
    });
    expect(classify(new Error(), {} as never)).toBe(undefined);
  });

  it('is answered question by question, by the first layer that has an answer', () => {
    const kind = defineJob('ship', { maxAttempts: 5, lease: '1m' });
    expect(
      resolvePolicy({ lease: '2m', timeout: undefined }, kind, undefined, { timeout: '5s', maxAttempts: 9 }),
    ).toMatchObject({
      lease: 120_000,
      maxAttempts: 5,
      timeout: 5_000,
    });
  });

  it('names the kinds it comes after, one or several, by value or by name', () => {
    const pack = defineJob('pack');
    expect(resolvePolicy({ after: pack }).after).toEqual(['pack']);
    expect(resolvePolicy({ after: ['bill', pack] }).after).toEqual(['bill', 'pack']);
  });

  it('at its bounds is taken', () => {
    const bounds: TrackingPolicy[] = [
      {},
      { lease: 500, timeout: 1, maxAttempts: 1, maxCrashes: 1_000_000 },
      { lease: '24d', backoff: 0, after: [], onMissing: 'refuse', onDuplicate: 'skip' },
      { backoff: { first: '1s', max: '1s' }, classify: () => 'ignore' },
      { backoff: () => '1s', after: ['a', defineJob('b')] },
    ];
    for (const policy of bounds) expect(() => check(policy)).not.toThrow();
  });

  it.each<[keyof TrackingPolicy, unknown]>([
    ['lease', 30],
    ['lease', '25d'],
    ['lease', 'long'],
    ['lease', null],
    ['timeout', 0],
    ['timeout', '30d'],
    ['maxAttempts', 0],
    ['maxAttempts', 1.5],
    ['maxAttempts', '3'],
    ['maxAttempts', Number.POSITIVE_INFINITY],
    ['maxCrashes', -1],
    ['backoff', 'soon'],
    ['backoff', null],
    ['backoff', true],
    ['backoff', { first: '1s' }],
    ['backoff', { first: '2s', max: '1s' }],
    ['backoff', { first: '1s', max: '2s', factor: 2 }],
    ['after', ''],
    ['after', 7],
    ['after', null],
    ['after', [undefined]],
    ['after', [{}]],
    ['classify', 'ignore'],
    ['onMissing', 'create'],
    ['onDuplicate', true],
  ])('whose %s is %s is refused by that name', (key, value) => {
    expect(() => check({ [key]: value })).toThrow(InvalidOptionsError);
    expect(() => check({ [key]: value })).toThrow(
      new RegExp(`^(expected )?track: .*${key}.*, (got: |expected |did you mean )|track: backoff: unknown option`),
    );
  });

  it('knows every key that it resolves, but for what is no option', () => {
    expect(Object.keys(resolvePolicy()).sort()).toEqual([...POLICY_KEYS, 'early'].sort());
  });
});
