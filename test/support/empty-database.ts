import { createTestDatabase, type TestDatabase } from './database.js';

/** As a database is before anybody has migrated it. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await database.sql('drop schema public cascade');
  await database.sql('create schema public');
  return database;
}
