import type { JobTrackerService } from 'nestjs-job-tracking';
import { afterAll, beforeAll } from 'vitest';
import { type AppOptions, startApp, type TestApp } from './app.js';
import type { Sql } from './connection.js';
import { createTestDatabase, type TestDatabase } from './database.js';

/** One app on one database, for all tests of the file (or describe) that asks. To be read inside tests only. */
export interface TrackedApp {
  readonly app: TestApp;
  readonly tracker: JobTrackerService;
  readonly database: TestDatabase;
  /** Behind the library's back. */
  readonly sql: Sql;
}

export function useTrackedApp(options: Omit<AppOptions, 'url'> = {}): TrackedApp {
  let database: TestDatabase | undefined;
  let app: TestApp | undefined;
  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startApp({ ...options, url: database.url });
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });
  return {
    get app() {
      return made(app);
    },
    get tracker() {
      return made(app).tracker;
    },
    get database() {
      return made(database);
    },
    get sql() {
      return made(database).sql;
    },
  };
}

function made<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('read it inside a test: the app starts before the first one');
  return part;
}
