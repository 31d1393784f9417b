import { startApp } from './app.js';

/** What every test database starts with. Closes its connections: PostgreSQL copies no database that somebody is in. */
export async function migrateTemplate(url: string): Promise<void> {
  const app = await startApp({ url, tracking: { migrations: 'run' } });
  await app.close();
}
