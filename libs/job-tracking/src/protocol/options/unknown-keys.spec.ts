import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from './errors.js';
import { nearest, refuseUnknownKeys } from './unknown-keys.js';

const KNOWN = ['lease', 'timeout', 'maxAttempts'];

describe('options', () => {
  it('of known keys are taken, undefined ones too', () => {
    expect(() => refuseUnknownKeys({}, KNOWN, 'track')).not.toThrow();
    expect(() => refuseUnknownKeys({ lease: '1m', timeout: undefined }, KNOWN, 'track')).not.toThrow();
  });

  it('with a slip are refused with the word that was meant', () => {
    for (const slip of ['maxAttempt', 'maxattempts', 'maxAtempts', 'max_attempts', 'leese', 'timeOut'])
      expect(() => refuseUnknownKeys({ [slip]: 1 }, KNOWN, 'track')).toThrow(
        /^track: unknown option '\w+', did you mean '\w+'\?$/,
      );
  });

  it('with a word of another world are refused with the known ones', () => {
    expect(() => refuseUnknownKeys({ concurrency: 5 }, KNOWN, 'track')).toThrow(
      "track: unknown option 'concurrency', expected one of 'lease', 'timeout', 'maxAttempts'",
    );
  });

  it('by an inherited name are refused too', () => {
    for (const key of ['constructor', 'toString', '__proto__'])
      expect(() => refuseUnknownKeys(JSON.parse(`{"${key}":1}`), KNOWN, 'track')).toThrow(InvalidOptionsError);
  });

  it.each([null, undefined, 'lease', 5, ['lease']])('that are %j are refused', (options) => {
    expect(() => refuseUnknownKeys(options, KNOWN, 'track')).toThrow(/^track: expected options to be an object, got: /);
  });
});

it('the nearest word is the one with the fewest slips, and none is near a strange one', () => {
  expect(nearest('tiemout', KNOWN)).toBe('timeout');
  expect(nearest('retries', KNOWN)).toBe(undefined);
  expect(nearest('x', [])).toBe(undefined);
});
