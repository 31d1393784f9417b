import { expect, test } from 'vitest';
import { parameterNames } from './parameter-names.js';

/** Methods as they are found on a class, whose source the engine shows. */
class Methods {
  none() {}
  one(_id: string) {}
  async several(_first: number, $second: string, größe: number) {
    return [_first, $second, größe];
  }
  *generator(_id: string) {}
  async *stream(_id: string) {}
  get(_id: string) {}
  defaults(_a = 1, _b = 'x, (y', _c = [1, 2].map((n) => n + 1), _d = { e: `f, ${'g'})` }, _id = '') {}
  urls(_base = 'https://example.org/a', _id = '') {}
  comments(
    /* (not, these) */ _a: string, // nor, this)
    _id: string,
  ) {}
  taken([_x]: string[], { _y }: { _y: string }, _id: string) {}
  rest(_id: string, ..._more: unknown[]) {}
  'quoted name'(_id: string) {}
}

const named = Methods.prototype;
test.each<[method: (...args: never[]) => unknown, names: string[]]>([
  [named.none, []],
  [named.one, ['_id']],
  [named.several, ['_first', '$second', 'größe']],
  [named.generator, ['_id']],
  [named.stream, ['_id']],
  [named.get, ['_id']],
  [named.defaults, ['_a', '_b', '_c', '_d', '_id']],
  [named.urls, ['_base', '_id']],
  [named.comments, ['_a', '_id']],
  [named.taken, ['', '', '_id']],
  [named.rest, ['_id', '']],
  [named['quoted name'], ['_id']],
  [function plain(_id: string) {}, ['_id']],
  [(_a: string, _id: string) => [_a, _id], ['_a', '_id']],
])('%s', (method, names) => {
  expect(parameterNames(method)).toEqual(names);
});

test('native code has none', () => {
  expect(parameterNames(Math.max)).toEqual([]);
});
