import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/database.js';
import type { Grant } from '../../protocol/index.js';
import { Database } from '../sending/database.js';
import { claim } from './claim.js';
import { PostgresJobStore } from './postgres-job-store.js';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url, max: 1 });
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

/** Its connections for claims are all taken: who asks for one waits for ever. */
const taken = { query: () => new Promise<never>(() => {}), end: async () => {} };
const over = (connections: unknown) => new Database(connections as never, { patience: 0, schema: undefined });

test.each<[what: string, send: (store: PostgresJobStore, grant: Grant) => Promise<unknown>]>([
  ['a renewal', (store, grant) => store.renew(grant, { lease: 60_000, progress: null })],
  ['a checkpoint', (store, grant) => store.checkpoint(grant, '1')],
  ['a look at the lease', (store, grant) => store.isHeld(grant)],
  ['a success', (store, grant) => store.succeed(grant, { output: null, data: undefined, reason: null })],
  [
    'another end',
    (store, grant) => store.end(grant, { outcome: 'released', error: null, reason: null, maxAttempts: 9, delay: 0 }),
  ],
])(
  '%s waits behind no claim',
  async (_, send) => {
    await database.sql(`truncate job; insert into job (kind, id) values ('kind', 'job')`);
    const terms = { worker: 'w', lease: 60_000, maxAttempts: 9, maxCrashes: 9, after: [] };
    const asked = { kind: 'kind', id: 'job', token: randomUUID(), rerun: false, early: true, register: null };
    const { grant } = await claim(over(pool), { ...asked, ...terms, dataHash: undefined });
    const store = new PostgresJobStore(undefined as never, over(taken), over(pool), async () => {});
    expect(await send(store, grant as Grant)).toBeTruthy();
  },
  5_000,
);
