import { Pool, type PoolConfig } from 'pg';
import { afterEach, expect, test } from 'vitest';
import { ownPool } from './own-pool.js';

const pools: Pool[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.end())));

/** The tracker's pool in an app whose pool has these options. Neither connects before it is asked to. */
async function ownPoolOf(options: PoolConfig): Promise<Pool> {
  const app = new Pool(options);
  const own = ownPool(app);
  pools.push(app, own);
  return own;
}

test('a connection that has gone silent is waited for no longer than seconds, though pg would for ever', async () => {
  const { query_timeout: answer, connectionTimeoutMillis: connect } = (await ownPoolOf({})).options;
  expect([answer, connect]).toEqual([10_000, 5_000]);
});

test("the app's own patience goes first, as everything that connects it", async () => {
  const settings = { host: 'db.internal', password: 'secret', query_timeout: 700, connectionTimeoutMillis: 900 };
  expect((await ownPoolOf(settings)).options).toMatchObject(settings);
});

test('however many connections the app has, the tracker has two of its own, and keeps none open that it does not use', async () => {
  expect((await ownPoolOf({ max: 50, min: 10 })).options).toMatchObject({ max: 2, min: 0, keepAlive: true });
});

test('an idle connection that the server ends does not end the process', async () => {
  const own = await ownPoolOf({});
  expect(() => own.emit('error', new Error('terminating connection'), {} as never)).not.toThrow();
});
