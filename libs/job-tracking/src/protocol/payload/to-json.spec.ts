import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidJobError } from '../options/errors.js';
import { hashOf, toJson } from './to-json.js';

const MIB = 1_048_576;

function refusal(value: unknown, limit = MIB): InvalidJobError {
  try {
    toJson(value, 'data', limit);
  } catch (error) {
    if (error instanceof InvalidJobError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

const keys = fc.string({ unit: 'binary' }).filter((key) => !key.includes('\0') && key !== '__proto__');
const json = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, tie('leaf'), fc.array(tie('value')), fc.dictionary(keys, tie('value'))),
  leaf: fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
  ),
})).value;

describe('what JSON can hold', () => {
  it('is written as JSON.stringify writes it', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(toJson(value, 'data', MIB)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('fits a limit of exactly its bytes, and no smaller one', () => {
    fc.assert(
      fc.property(json, (value) => {
        const bytes = Buffer.byteLength(JSON.stringify(value));
        expect(toJson(value, 'data', bytes)).toBe(JSON.stringify(value));
        expect(refusal(value, bytes - 1).field).toBe('data');
      }),
    );
  });

  it('is what a value says of itself: dates are ISO text, toJSON is told its key, boxed primitives are opened', () => {
    const value = {
      at: new Date(0),
      price: { toJSON: (key: string) => `${key}: 7 EUR` },
      list: [{ toJSON: (key: string) => key }],
      boxed: [Object('text'), Object(1), Object(false)],
      bytes: Buffer.from('a'),
      gone: { toJSON: () => undefined },
      [Symbol('key')]: 1,
    };
    expect(toJson(value, 'data', MIB)).toBe(JSON.stringify(value));
    expect(toJson({ toJSON: (key: string) => [key] }, 'data', MIB)).toBe('[""]');
  });

  it('of an object is its own enumerable properties, undefined ones left out', () => {
    class Order {
      id = 7;
      note = undefined;
      #secret = 1;
      get total() {
        return this.#secret;
      }
    }
    const order = Object.defineProperty(new Order(), 'hidden', { value: 1, enumerable: false });
    expect(toJson(order, 'data', MIB)).toBe('{"id":7}');
    expect(toJson({ undefined: undefined }, 'data', MIB)).toBe('{}');
    expect(toJson(Object.create({ inherited: 1 }), 'data', MIB)).toBe('{}');
    expect(toJson(Object.assign(Object.create(null), { a: 1 }), 'data', MIB)).toBe('{"a":1}');
  });

  it('may be met twice, as long as it is not inside itself', () => {
    const shared = { a: [1] };
    expect(toJson([shared, shared, { shared }], 'data', MIB)).toBe(JSON.stringify([shared, shared, { shared }]));
  });

  it('has zero without a sign, and keys that look like methods', () => {
    expect(toJson({ zero: -0, constructor: 1, toString: 'a' }, 'data', MIB)).toBe(
      '{"zero":0,"constructor":1,"toString":"a"}',
    );
  });
});

describe('what JSON would drop or change is refused at its path', () => {
  it.each([
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['a bigint', 10n],
    ['a function', () => 1],
    ['a class', class Order {}],
    ['a symbol', Symbol('a')],
    ['an invalid Date', new Date(Number.NaN)],
    ['a Map', new Map([[1, 2]])],
    [
      'a Map of a class with fields',
      new (class extends Map {
        name = 'orders';
      })(),
    ],
    ['a Set', new Set([1])],
    ['a WeakMap', new WeakMap()],
    ['a Promise', Promise.resolve(1)],
    ['a RegExp', /a/],
    ['an Error', new Error('lost')],
    ['an Error with a code', Object.assign(new Error('lost'), { code: 'E1' })],
    ['bytes', new Uint8Array([1])],
    ['a buffer of bytes', new ArrayBuffer(1)],
    ['URLSearchParams', new URLSearchParams('a=1')],
    [
      'a generator',
      (function* () {
        yield 1;
      })(),
    ],
    ['a boxed bigint', Object(1n)],
    ['a boxed symbol', Object(Symbol('a'))],
    ['NUL', 'a\0b'],
    ['a lone surrogate', 'a\ud800b'],
  ])('%s', (_name, value) => {
    const error = refusal({ items: [0, { price: value }] });
    expect(error.field).toBe('data.items[1].price');
    expect(error.message).toMatch(/^expected data\.items\[1\]\.price to be .+, got: .+/);
    expect(refusal(value).field).toBe('data');
  });

  it('undefined in an array or as the whole, also a hole, also by toJSON', () => {
    expect(refusal([1, undefined]).field).toBe('data[1]');
    expect(refusal(new Array(4_294_967_295)).field).toBe('data[0]');
    expect(refusal([{ toJSON: () => undefined }]).field).toBe('data[0]');
    expect(refusal(undefined).message).toBe('expected data to be a JSON value, got: undefined');
  });

  it('a number that JSON was told to keep as it is', () => {
    const { rawJSON } = JSON as unknown as { rawJSON(text: string): object };
    expect(refusal({ big: rawJSON('12345678901234567890') }).field).toBe('data.big');
  });
});

describe('keys', () => {
  it('only __proto__ is refused, where it is a key of its own', () => {
    expect(refusal(JSON.parse('{"a":{"__proto__":{"admin":true}}}')).field).toBe('data.a.__proto__');
    expect(toJson({ prototype: 1, constructor: { prototype: 1 } }, 'data', MIB)).toBe(
      '{"prototype":1,"constructor":{"prototype":1}}',
    );
  });

  it('that jsonb cannot hold are refused, and shown so that a log can', () => {
    expect(refusal({ 'a\0': 1 }).field).toBe(String.raw`data["a\u0000"]`);
    expect(refusal({ 'a\ud800': 1 }).field).toBe(String.raw`data["a\ud800"]`);
  });

  it('that are no identifier stand in the path as texts, huge ones and deep paths shortened', () => {
    expect(refusal({ 'a b': Number.NaN }).field).toBe('data["a b"]');
    expect(refusal({ größe: Number.NaN }).field).toBe('data.größe');
    expect(refusal({ ['k'.repeat(10_000)]: Number.NaN }).field.length).toBeLessThan(100);
    const deep = Array.from({ length: 300 }).reduce<unknown>((inner) => ({ level: inner }), Number.NaN);
    expect(refusal(deep).field.length).toBeLessThan(220);
  });
});

describe('structure', () => {
  it('a cycle is refused and told where it leads', () => {
    const order: Record<string, unknown> = { lines: [{}] };
    (order.lines as Record<string, unknown>[])[0] = { order };
    expect(refusal({ order }).message).toBe(
      'expected data.order.lines[0].order to be a JSON value without cycles, got: data.order again',
    );
    const self = { toJSON: (): unknown => ({ self }) };
    expect(refusal(self).message).toContain('at most 500 levels');
  });

  it('500 levels are taken, one more is refused, 20,000 are refused as clearly', () => {
    const nested = (levels: number) =>
      Array.from({ length: levels }).reduce<unknown>((inner, _, i) => (i % 2 ? [inner] : { inner }), 1);
    expect(JSON.parse(toJson(nested(500), 'data', MIB))).toEqual(nested(500));
    expect(refusal(nested(501)).message).toContain('at most 500 levels');
    expect(refusal(nested(20_000)).message).toContain('at most 500 levels');
  });

  it('what throws when it is read is refused at its path, with the cause', () => {
    const cause = new RangeError('not today');
    const fails = () => {
      throw cause;
    };
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const untouchable = new Proxy({}, { get: fails, ownKeys: fails });
    for (const value of [
      { get: Object.defineProperty({}, 'x', { get: fails, enumerable: true }) },
      { get: { x: { toJSON: fails } } },
    ]) {
      const error = refusal(value);
      expect(error.field).toBe('data.get.x');
      expect(error.cause).toBe(cause);
    }
    const throwsNull = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw null;
      },
    });
    expect(refusal(throwsNull)).toMatchObject({ field: 'data.x', cause: null });
    expect(refusal([untouchable]).cause).toBe(cause);
    expect(refusal([revoked.proxy]).field).toBe('data[0]');
    expect(refusal({ a: { toJSON: () => toJson(Number.NaN, 'inner', MIB) } }).field).toBe('data.a');
  });
});

describe('the limit', () => {
  it('is in bytes, and both sizes are told', () => {
    expect(toJson('ö', 'data', 4)).toBe('"ö"');
    expect(refusal({ note: 'ö' }, 12).message).toBe(
      'expected data to be at most 12 bytes of JSON, got: 13 bytes or more',
    );
    expect(refusal({ note: 'a'.repeat(20), more: 1 }, 12).message).toBe(
      'expected data to be at most 12 bytes of JSON, got: 23 bytes or more, counted up to data.note',
    );
  });

  it('refuses 50 MB before they are read', () => {
    let read = 0;
    const item = {
      get note() {
        read++;
        return 'x'.repeat(1_000);
      },
    };
    expect(refusal(Array(50_000).fill(item)).message).toContain('at most 1048576 bytes');
    expect(read).toBeLessThan(1_100);
    const started = performance.now();
    expect(refusal({ blob: '\u0001'.repeat(50_000_000) }).message).toContain('50000003 bytes or more');
    expect(performance.now() - started).toBeLessThan(10_000); // some ms; work that grows with the square would take minutes
  });
});

describe('a hash', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, each]) => [key, shuffled(each)]),
    );
  };

  it('is the same in any key order and spacing', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(hashOf(JSON.stringify(shuffled(value), null, 2))).toBe(hashOf(toJson(value, 'data', MIB)));
      }),
    );
  });

  it('is another one for another value', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const [one, other] = [JSON.stringify(shuffled(a)), JSON.stringify(shuffled(b))];
        const alike = sorted(JSON.parse(one)) === sorted(JSON.parse(other));
        expect(hashOf(one) === hashOf(other)).toBe(alike);
      }),
    );
    function sorted(value: unknown): string {
      if (Array.isArray(value)) return `[${value.map(sorted)}]`;
      if (typeof value !== 'object' || value === null) return JSON.stringify(value);
      return `{${Object.entries(value)
        .map(([key, each]) => [JSON.stringify(key), sorted(each)])
        .sort()}}`;
    }
  });

  it('takes numbers by value and texts by character', () => {
    expect(hashOf('{"n":1.0}')).toBe(hashOf('{"n":1}'));
    expect(hashOf('[1e3,-0]')).toBe(hashOf('[1000,0]'));
    expect(hashOf(String.raw`"\u00f6"`)).toBe(hashOf('"ö"'));
    expect(hashOf('[1]')).not.toBe(hashOf('["1"]'));
    expect(hashOf('{}')).not.toBe(hashOf('[]'));
    expect(hashOf('[1,2]')).not.toBe(hashOf('[2,1]'));
    expect(hashOf('null')).toMatch(/^[\w-]{43}$/);
  });
});
