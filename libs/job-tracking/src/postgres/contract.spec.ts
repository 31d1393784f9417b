import { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.js';
import type { JobReader, JobStore } from '../protocol/index.js';
import { describeJobStore } from '../testing/index.js';
import { postgresStore } from './index.js';

let database: TestDatabase;
let orm: MikroORM;
let store: JobStore & JobReader;

beforeAll(async () => {
  database = await createTestDatabase();
  orm = await MikroORM.init({ clientUrl: database.url, entities: [], discovery: { warnWhenNoEntities: false } });
  store = await postgresStore(orm, { migrations: 'check', schema: undefined, startTimeout: 10_000 });
  await store.open();
});
afterAll(async () => {
  await store.close();
  await orm.close();
  await database.drop();
});

// One store for all laws: each names a kind of its own.
describeJobStore(
  { describe, it },
  { name: 'the PostgreSQL store', create: async () => ({ store, close: async () => {} }) },
);
