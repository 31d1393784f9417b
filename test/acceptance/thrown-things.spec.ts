import { expect, test } from 'vitest';
import { useTrackedApp } from '../support/tracked-app.js';

const bed = useTrackedApp();

const aggregate = new AggregateError([new TypeError('one'), new Error('two')], 'both replicas');
class CardError extends Error {
  override name = 'CardError';
}

test.each<[string, unknown, object]>([
  ['a text', 'plain words', { name: 'NonError', message: 'plain words' }],
  ['null', null, { name: 'NonError', message: 'null was thrown' }],
  ['undefined', undefined, { name: 'NonError', message: 'undefined was thrown' }],
  ['a number', 42, { name: 'NonError', message: '42 was thrown' }],
  ['an object', { code: 'E_CARD', amount: 5 }, { name: 'NonError', message: expect.stringContaining('E_CARD') }],
  ['an error of its own class', new CardError('declined'), { name: 'CardError', message: 'declined' }],
  [
    'an error with a cause',
    new Error('outer', { cause: new TypeError('inner') }),
    { name: 'Error', message: 'outer', cause: { name: 'TypeError', message: 'inner' } },
  ],
  [
    'an AggregateError',
    aggregate,
    { name: 'AggregateError', message: expect.stringMatching(/both replicas.*one.*two/) },
  ],
  ['an error with NUL', new Error('a\0b'), { name: 'Error', message: 'a\ufffdb' }],
])('%s that is thrown reaches the caller as it is, and the job as a record', async (id, thrown, record) => {
  const job = { kind: 'thrown', id };
  const told = await bed.tracker.settle(job, () => Promise.reject(thrown));
  expect(told).toMatchObject({ status: 'failed' });
  expect(told.status === 'failed' && told.error).toBe(thrown);
  const snapshot = await bed.tracker.get(job);
  expect(snapshot?.error).toMatchObject({ ...record, fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) });
});

test('something that throws at every touch is a failure like any', async () => {
  const hostile = new Proxy(new Error('hidden'), {
    get() {
      throw new Error('hands off');
    },
    getPrototypeOf() {
      throw new Error('hands off');
    },
  });
  const told = await bed.tracker.settle({ kind: 'hostile', id: '1' }, () => Promise.reject(hostile));
  expect(told.status).toBe('failed');
  expect(await bed.tracker.get({ kind: 'hostile', id: '1' })).toMatchObject({ status: 'failed', failures: 1 });
});

test('a stack ten thousand calls deep keeps the frames nearest to the throw', async () => {
  function descend(left: number): number {
    if (left === 0) throw new Error('at the bottom');
    return descend(left - 1) + 1;
  }
  await bed.tracker.settle({ kind: 'deep', id: '1' }, () => descend(10_000));
  const snapshot = await bed.tracker.get({ kind: 'deep', id: '1' });
  expect(snapshot?.error).toMatchObject({ message: 'at the bottom', stack: expect.stringMatching(/^at descend/) });
});

test('a handler that calls itself without end fails by its RangeError', async () => {
  const forever = (): unknown => [forever()];
  const told = await bed.tracker.settle({ kind: 'forever', id: '1' }, forever);
  expect(told).toMatchObject({ status: 'failed', error: expect.any(RangeError) });
  const error = { name: 'RangeError', message: 'Maximum call stack size exceeded' };
  expect(await bed.tracker.get({ kind: 'forever', id: '1' })).toMatchObject({ error });
});

test('a message of megabytes is cut to the limit', async () => {
  const told = bed.tracker.settle({ kind: 'huge', id: '1' }, () => Promise.reject(new Error('ü'.repeat(5_000_000))));
  expect((await told).status).toBe('failed');
  const [size] = await bed.sql<{ bytes: number }>(
    `select octet_length(error::text) as bytes from job where kind = 'huge'`,
  );
  expect(size?.bytes).toBeLessThanOrEqual(2 ** 14 + 100);
});
