// Whatever comes in that cannot be kept is refused by its field, by every door, before anything is written.
import { InvalidJobError, InvalidOptionsError } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { tablesOf } from '../support/job-rows.js';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();
const never = () => {
  throw new Error('it must not run');
};

/** Every way to bring a job in. */
const doors: [door: string, prefix: string, call: (job: never) => Promise<unknown>][] = [
  ['register', '', (job) => bed.tracker.register(job)],
  ['registerMany', 'jobs[1].', (job) => bed.tracker.registerMany([{ kind: 'good', id: 'good' }, job])],
  ['track', '', (job) => bed.tracker.track(job, never)],
  ['settle', '', (job) => bed.tracker.settle(job, never)],
];

/** Of a JSON text deeper than any stack. */
function deep(levels: number): unknown {
  let value: unknown = 'bottom';
  for (let i = 0; i < levels; i++) value = i % 2 ? [value] : { value };
  return value;
}
const cycle: { list: unknown[] } = { list: [] };
cycle.list.push({ again: cycle });
const throwing = {
  get secret() {
    throw new Error('a getter broke');
  },
};

const bad: [what: string, job: object | string, field: string][] = [
  ['an empty id', { id: '' }, 'id'],
  ['an id of 10 kB', { id: 'x'.repeat(10_240) }, 'id'],
  ['an id of 513 bytes in fewer characters', { id: 'ü'.repeat(257) }, 'id'],
  ['an id with NUL', { id: 'a\0b' }, 'id'],
  ['an id with a lone surrogate', { id: 'a\ud800' }, 'id'],
  ['an id that is a fraction', { id: 1.5 }, 'id'],
  ['an id that is NaN', { id: Number.NaN }, 'id'],
  ['an id beyond the whole numbers', { id: 2 ** 53 }, 'id'],
  ['an id that is a bigint', { id: 7n }, 'id'],
  ['an id that is null', { id: null }, 'id'],
  ['an id that is an array', { id: ['1'] }, 'id'],
  ['no id', {}, 'id'],
  ['an empty kind', { kind: '', id: '1' }, 'kind'],
  ['a kind of 129 bytes', { kind: 'k'.repeat(129), id: '1' }, 'kind'],
  ['a kind with NUL', { kind: '\0', id: '1' }, 'kind'],
  ['a kind with a lone surrogate', { kind: '\udc00', id: '1' }, 'kind'],
  ['NaN', { id: '1', data: { price: [1, Number.NaN] } }, 'data.price[1]'],
  ['Infinity', { id: '1', data: -Infinity }, 'data'],
  ['a BigInt', { id: '1', data: { n: 1n } }, 'data.n'],
  ['a cycle', { id: '1', data: cycle }, 'data.list[0].again'],
  ['the key __proto__', { id: '1', data: JSON.parse('{"a":{"__proto__":{"admin":true}}}') }, 'data.a'],
  ['20,000 levels', { id: '1', data: deep(20_000) }, 'data'],
  ['50 MB in one text', { id: '1', data: 'x'.repeat(50 * 2 ** 20) }, 'data'],
  ['50 MB in many', { id: '1', data: Array.from({ length: 50_000 }, () => 'x'.repeat(1_024)) }, 'data'],
  ['a symbol', { id: '1', data: { s: Symbol('s') } }, 'data.s'],
  ['a function', { id: '1', data: { f: never } }, 'data.f'],
  ['undefined in an array', { id: '1', data: [undefined] }, 'data[0]'],
  ['a Map', { id: '1', data: { m: new Map([[1, 2]]) } }, 'data.m'],
  ['bytes', { id: '1', data: Buffer.from('abc').subarray(0).buffer }, 'data'],
  ['an invalid date', { id: '1', data: { at: new Date('x') } }, 'data.at'],
  ['a text with NUL', { id: '1', data: 'a\0' }, 'data'],
  ['a key with NUL', { id: '1', data: { 'a\0': 1 } }, 'data'],
  ['a text with a lone surrogate', { id: '1', data: ['\udfff'] }, 'data[0]'],
  ['a getter that throws', { id: '1', data: throwing }, 'data'],
  ['a time that is a text', { id: '1', runAt: '2026-11-24' }, 'runAt'],
  ['an invalid time', { id: '1', runAt: new Date('x') }, 'runAt'],
  ['a priority above 9', { id: '1', priority: 10 }, 'priority'],
  ['a priority that is a fraction', { id: '1', priority: 0.5 }, 'priority'],
  ['a bound of none', { id: '1', maxAttempts: 0 }, 'maxAttempts'],
  ['an unknown key', { id: '1', dat: 1 }, 'dat'],
  ['the key __proto__ of the job itself', JSON.parse('{"id":"1","__proto__":{"kind":"k"}}'), '__proto__'],
];

describe.each(doors)('by %s', (_door, prefix, call) => {
  test.each(bad)('%s', async (_, job, field) => {
    const before = await tablesOf(bed.sql);
    const error = await thrownBy(() => call(job as never), InvalidJobError);
    expect(error.field.startsWith(prefix + field)).toBe(true);
    expect(error.message.length).toBeLessThan(1_000);
    expect(await tablesOf(bed.sql)).toEqual(before);
  });
});

test('what only looks dangerous is data like any', async () => {
  const data = {
    constructor: { prototype: 1 },
    toString: 'x',
    hasOwnProperty: null,
    toJSON: 'no function',
    'a.b': { '': [] },
  };
  await bed.tracker.register({ kind: 'fine', id: "'; drop table job; --", data });
  expect((await bed.tracker.get({ kind: 'fine', id: "'; drop table job; --" }))?.data).toEqual(data);
});

test('500 levels are kept, one more is refused', async () => {
  await bed.tracker.register({ kind: 'levels', id: 'fits', data: deep(500) });
  expect((await bed.tracker.get({ kind: 'levels', id: 'fits' }))?.data).toEqual(deep(500));
  await thrownBy(() => bed.tracker.register({ kind: 'levels', id: 'over', data: deep(501) }), InvalidJobError);
});

test.each<[what: string, call: () => Promise<unknown>, message: RegExp]>([
  [
    'an unknown option',
    () => bed.tracker.track('1', never, { maxAttemps: 1 } as never),
    /track: unknown option 'maxAttemps', did you mean 'maxAttempts'\?/,
  ],
  [
    'a negative lease',
    () => bed.tracker.track('1', never, { lease: -5 }),
    /track: expected lease to be a duration .*, got: -5/,
  ],
  [
    'thirty milliseconds',
    () => bed.tracker.settle('1', never, { lease: 30 }),
    /settle: expected lease to be at least 500 ms, got: 30/,
  ],
  [
    'no work',
    () => bed.tracker.track('1', undefined as never),
    /track: expected work to be a function, got: undefined/,
  ],
  [
    'a policy that is a text',
    () => bed.tracker.track('1', never, 'replay' as never),
    /track: expected options to be an object, got: "replay"/,
  ],
])('a call with %s is refused, and its job is not made', async (_, call, message) => {
  const error = await thrownBy(call, InvalidOptionsError);
  expect(error.message).toMatch(message);
  expect(await bed.tracker.get('1')).toBeNull();
});
