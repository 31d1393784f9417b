import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailureRecord } from '../job/job.js';
import { boundFailure, failureRecordOf } from './failure-record.js';

const LIMIT = 16_384;
const bytes = (record: FailureRecord) => Buffer.byteLength(JSON.stringify(record));
const causesOf = (record: FailureRecord): FailureRecord[] => [record, ...(record.cause ? causesOf(record.cause) : [])];

function expectStorable(record: FailureRecord, limit = LIMIT): void {
  expect(bytes(record)).toBeLessThanOrEqual(Math.max(limit, 256));
  for (const { name, message, fingerprint, stack = '' } of causesOf(record)) {
    expect(fingerprint).not.toBe('');
    for (const text of [name, message, fingerprint, stack]) {
      expect(text.isWellFormed()).toBe(true);
      expect(text).not.toContain('\0');
    }
  }
}

function throwsOnEverything(): unknown {
  const fails = () => {
    throw new Error('hands off');
  };
  const traps = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((trap) => [trap, fails]));
  return new Proxy(() => 1, traps as ProxyHandler<() => number>);
}

function chainOf(length: number): Error {
  return Array.from({ length }).reduce<Error>(
    (cause, _, i) => new Error(`level ${length - i - 1}`, { cause }),
    new Error('root'),
  );
}

class PaymentError extends Error {}

describe('an error', () => {
  it('keeps its class, its message, its frames without the message, and its causes', () => {
    const record = failureRecordOf(
      new PaymentError('card refused\n    at night', { cause: new TypeError('no card') }),
      LIMIT,
    );
    expect(record).toMatchObject({ name: 'PaymentError', message: 'card refused\n    at night' });
    expect(record.stack).toMatch(/^at .*failure-record\.spec\.ts/);
    expect(record.stack).not.toContain('night');
    expect(record.cause).toMatchObject({ name: 'TypeError', message: 'no card' });
  });

  it('is named as it calls itself, or by its class where it has no name of its own', () => {
    const own = Object.assign(new PaymentError('a'), { name: 'CardError' });
    expect(failureRecordOf(own, LIMIT).name).toBe('CardError');
    expect(failureRecordOf(new Error('a'), LIMIT).name).toBe('Error');
    expect(failureRecordOf(new DOMException('a', 'AbortError'), LIMIT).name).toBe('AbortError');
  });

  it('of another realm is an error', () => {
    const record = failureRecordOf(runInNewContext('new RangeError("far away")'), LIMIT);
    expect(record).toMatchObject({ name: 'RangeError', message: 'far away' });
    expect(record.stack).toMatch(/^at /);
  });

  it('without words is told by its code', () => {
    expect(failureRecordOf(Object.assign(new Error(), { code: 'ECONNREFUSED' }), LIMIT).message).toBe('ECONNREFUSED');
  });

  it('has the same fingerprint each time that the same place throws, whatever its numbers and causes', () => {
    const fail = (n: number) => new Error(`order ${n}`, { cause: n });
    const [one, other] = [1, 22].map((n) => failureRecordOf(fail(n), LIMIT));
    expect(one?.fingerprint).toBe(other?.fingerprint);
  });
});

describe('several errors in one', () => {
  it('are counted, the first three listed, the first one is the cause', () => {
    const errors = ['a', 'b', 'c', 'd'].map((text) => new TypeError(text));
    const record = failureRecordOf(new AggregateError(errors, 'all failed'), LIMIT);
    expect(record.message).toBe('all failed (4 errors: TypeError: a; TypeError: b; TypeError: c; ...)');
    expect(record.cause).toMatchObject({ name: 'TypeError', message: 'a' });
    const named = failureRecordOf(new AggregateError(errors, '', { cause: new Error('why') }), LIMIT);
    expect(named.message).toBe('(4 errors: TypeError: a; TypeError: b; TypeError: c; ...)');
    expect(named.cause?.message).toBe('why');
  });

  it('may be none, or no errors', () => {
    expect(failureRecordOf(new AggregateError([], 'none'), LIMIT).message).toBe('none');
    expect(failureRecordOf(Object.assign(new Error('bad order'), { errors: ['id'] }), LIMIT).message).toBe('bad order');
  });
});

describe('what is no error', () => {
  it.each([
    ['boom', 'boom'],
    ['', ''],
    [null, 'null was thrown'],
    [undefined, 'undefined was thrown'],
    [7, '7 was thrown'],
    [7n, '7n was thrown'],
    [Symbol('a'), 'Symbol(a) was thrown'],
    [function pay() {}, '[function pay] was thrown'],
    [{ code: 'E1', detail: { a: 1 } }, '{ code: "E1", detail: an object with keys a } was thrown'],
    [{}, 'an object with keys (none) was thrown'],
    [{ message: 'from afar' }, 'from afar'],
  ])('%s says what it was', (thrown, message) => {
    expect(failureRecordOf(thrown, LIMIT)).toMatchObject({ name: 'NonError', message });
  });

  it('but has a class, or calls itself one, keeps that name', () => {
    expect(failureRecordOf([1, 2], LIMIT)).toMatchObject({ name: 'Array', message: 'an array of 2 was thrown' });
    expect(failureRecordOf({ name: 'RemoteError', message: 'from afar' }, LIMIT).name).toBe('RemoteError');
  });
});

describe('a record never throws and keeps its limit', () => {
  const getters = Object.defineProperties(
    new Error(),
    Object.fromEntries(
      ['name', 'message', 'stack', 'cause', 'errors', 'constructor'].map((key) => [
        key,
        { get: throwsOnEverything as () => never },
      ]),
    ),
  );
  const failing = Object.defineProperties(
    new Error(),
    Object.fromEntries(
      ['name', 'message', 'stack', 'cause', 'errors', 'code'].map((key) => [
        key,
        {
          get: () => {
            throw getters;
          },
        },
      ]),
    ),
  );
  const cycle: Error = new Error('outer', { cause: new Error('inner') });
  (cycle.cause as Error).cause = cycle;
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();

  it.each<[string, unknown]>([
    ['a Proxy that throws on everything', throwsOnEverything()],
    ['a revoked Proxy', revoked.proxy],
    ['an error whose properties are such Proxies', getters],
    ['an error whose getters throw', failing],
    ['a cycle of causes', cycle],
    [
      'an error that is its own cause',
      Object.assign(new Error('self'), {
        get cause() {
          return this;
        },
      }),
    ],
    ['ten thousand causes', chainOf(10_000)],
    [
      'an aggregate of itself',
      (() => {
        const all = new AggregateError([]);
        all.errors.push(all);
        return all;
      })(),
    ],
    ['a million errors', new AggregateError(Array(1_000_000).fill(new Error('x')))],
    ['a stack that is no text', Object.assign(new Error('a'), { stack: [1, 2] })],
    ['a message that is no text', Object.assign(new Error('a'), { message: { a: 1 } })],
    ['a message with NUL and half a surrogate pair', new Error('a\0b\ud800c')],
    ['a long class name', Object.assign(new Error('a'), { name: 'ö'.repeat(100_000) })],
    [
      'many huge causes',
      new Error('a'.repeat(LIMIT), { cause: new Error('\u0001'.repeat(LIMIT), { cause: 'b'.repeat(LIMIT) }) }),
    ],
  ])('%s', (_name, thrown) => {
    for (const limit of [0, 256, 300, 1_000, LIMIT]) {
      expectStorable(failureRecordOf(thrown, limit), limit);
      expectStorable(boundFailure(thrown, limit), limit);
    }
  });

  it('a message of 100 MB in no time, its frames and its cause with it', () => {
    const error = new Error('x'.repeat(100_000_000), { cause: new Error('why') });
    void error.stack;
    const started = performance.now();
    const record = failureRecordOf(error, LIMIT);
    expect(performance.now() - started).toBeLessThan(10_000); // some ms; work that grows with the square would take minutes
    expectStorable(record);
    expect(record.message.length).toBeGreaterThan(8_000);
    expect(record.stack).toMatch(/^at .*failure-record\.spec\.ts/);
    expect(record.cause?.message).toBe('why');
  });

  it('a cycle of causes is told once', () => {
    expect(causesOf(failureRecordOf(cycle, LIMIT)).map(({ message }) => message)).toEqual(['outer', 'inner']);
  });

  it('five causes are kept, inner ones go first', () => {
    expect(causesOf(failureRecordOf(chainOf(10_000), LIMIT)).map(({ message }) => message)).toEqual([
      'level 0',
      'level 1',
      'level 2',
      'level 3',
      'level 4',
      'level 5',
    ]);
    const small = causesOf(failureRecordOf(chainOf(10_000), 3_000));
    expect(small.length).toBeLessThan(6);
    expect(small[0]).toMatchObject({ message: 'level 0', stack: expect.stringContaining('at ') });
  });

  it('anything at all', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', '"', '\n', '\0', 'ö', '\ud83d', '😀'), maxLength: 500 });
    const record: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
      record: fc.record(
        {
          name: texts,
          message: texts,
          fingerprint: texts,
          stack: texts,
          cause: fc.option(tie('record'), { depthSize: 'small' }),
        },
        { requiredKeys: [] },
      ),
    })).record;
    fc.assert(
      fc.property(fc.oneof(fc.anything(), record), fc.integer({ min: 256, max: 2_000 }), (thrown, limit) => {
        expectStorable(failureRecordOf(thrown, limit), limit);
        expectStorable(boundFailure(thrown, limit), limit);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what a redaction gives back', () => {
  const record = failureRecordOf(new PaymentError('card 4111 refused', { cause: new Error('bank') }), LIMIT);

  it('is kept as it is when it fits', () => {
    expect(boundFailure(record, LIMIT)).toEqual(record);
    expect(boundFailure({ ...record, message: 'redacted', cause: undefined }, LIMIT)).toEqual({
      name: 'PaymentError',
      message: 'redacted',
      fingerprint: record.fingerprint,
      stack: record.stack,
    });
  });

  it('is bounded again', () => {
    expectStorable(boundFailure({ ...record, message: '\0'.repeat(100_000) }, 500), 500);
  });

  it('gets a fingerprint where it has none', () => {
    expect(boundFailure({ name: 'E', message: 'a' }, LIMIT).fingerprint).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each([undefined, null, 'redacted', 7, {}, [], { message: 'a' }, Promise.resolve(record)])(
    'that is no record (%s) is a record that says so',
    (given) => {
      expect(boundFailure(given, LIMIT)).toMatchObject({
        name: 'NonError',
        message: expect.stringContaining('no record'),
      });
    },
  );
});
