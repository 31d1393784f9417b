import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { InvalidOptionsError } from '../options/errors.js';
import { slot } from './slot.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function at(time: string, unit: 'minute' | 'hour' | 'day', timeZone?: string): string {
  vi.setSystemTime(time);
  return slot(unit, timeZone === undefined ? {} : { timeZone })();
}

describe('a slot', () => {
  test.each([
    ['minute', '2026-11-24T13:05'],
    ['hour', '2026-11-24T13'],
    ['day', '2026-11-24'],
  ] as const)('of a %s is named by it, in UTC: %s', (unit, name) => {
    expect(at('2026-11-24T13:05:42.5Z', unit)).toBe(name);
  });

  test.each([
    ['2026-11-24T22:59:58.999Z', '2026-11-24'],
    ['2026-11-24T22:59:59.000Z', '2026-11-25'],
    ['2026-11-24T23:00:00.000Z', '2026-11-25'],
  ])('takes a tick that is up to a second early: at %s it is %s in Berlin', (time, name) => {
    expect(at(time, 'day', 'Europe/Berlin')).toBe(name);
  });

  test.each([
    ['2026-10-24T23:59:50Z', '2026-10-25T01:59'],
    ['2026-10-25T00:30:00Z', '2026-10-25T02:30'],
    ['2026-10-25T01:00:00Z', '2026-10-25T02:00+01:00'],
    ['2026-10-25T01:30:00Z', '2026-10-25T02:30+01:00'],
    ['2026-10-25T01:59:58Z', '2026-10-25T02:59+01:00'],
    ['2026-10-25T02:00:00Z', '2026-10-25T03:00'],
    ['2026-10-25T03:30:00Z', '2026-10-25T04:30'],
  ])('of an hour that comes twice, as clocks are set back, is another the second time: %s is %s', (time, name) => {
    expect(at(time, 'minute', 'Europe/Berlin')).toBe(name);
    expect(at(time, 'hour', 'Europe/Berlin')).toBe(name.replace(/:\d\d(?=$|\+)/, ''));
  });

  test('of a day is one, also when one of its hours comes twice or not at all', () => {
    for (const hour of ['00', '01', '05', '12'])
      expect(at(`2026-10-25T${hour}:00:00Z`, 'day', 'Europe/Berlin')).toBe('2026-10-25');
    for (const hour of ['00', '01', '05', '12'])
      expect(at(`2026-03-29T${hour}:00:00Z`, 'day', 'Europe/Berlin')).toBe('2026-03-29');
  });

  test.each([
    ['2026-03-29T00:59:00Z', '2026-03-29T01'],
    ['2026-03-29T01:00:00Z', '2026-03-29T03'],
  ])('of an hour that is left out, as clocks are set forward, does not come: %s is %s', (time, name) => {
    expect(at(time, 'hour', 'Europe/Berlin')).toBe(name);
  });

  test.each([
    ['Australia/Lord_Howe', '2026-04-04T15:10:00Z', '2026-04-05T01:40+10:30'],
    ['America/New_York', '2026-11-01T06:30:00Z', '2026-11-01T01:30-05:00'],
    ['Asia/Kolkata', '2026-11-01T06:30:00Z', '2026-11-01T12:00'],
    ['America/Sao_Paulo', '2019-02-17T02:30:00Z', '2019-02-16T23:30-03:00'],
  ])('knows the clocks of %s', (timeZone, time, name) => {
    expect(at(time, 'minute', timeZone)).toBe(name);
  });

  test('no name comes twice in a year of ticks, and each instance finds the same ones', () => {
    for (const timeZone of ['Europe/Berlin', 'Australia/Lord_Howe', 'America/St_Johns', 'UTC']) {
      const names: string[] = [];
      const of = slot('minute', { timeZone });
      for (let time = Date.UTC(2026, 0, 1); time < Date.UTC(2027, 0, 1); time += 15 * 60_000) {
        vi.setSystemTime(time);
        names.push(of());
      }
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

test.each([
  [() => slot('week' as 'day'), /expected unit to be one of 'minute', 'hour', 'day', got: "?week/],
  [() => slot('toString' as 'day'), /expected unit/],
  [() => slot('day', { timeZone: 'Mars/Olympus' }), /expected timeZone to be one that this Node knows.*Mars/],
  [() => slot('day', { zone: 'UTC' } as never), /zone/],
])('a unit, a time zone or an option that nobody knows is refused (%#)', (make, message) => {
  expect(make).toThrow(InvalidOptionsError);
  expect(make).toThrow(message);
});
