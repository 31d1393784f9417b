import { expect, test } from 'vitest';
import { createTestDatabase } from './support/database.js';

test('two test databases are apart', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  try {
    await one.sql('create table seen as select 1 as n');
    expect(await one.sql('select n from seen')).toEqual([{ n: 1 }]);
    await expect(other.sql('select n from seen')).rejects.toThrow('relation "seen" does not exist');
  } finally {
    await Promise.all([one.drop(), other.drop()]);
  }
});
