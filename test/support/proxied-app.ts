import { afterAll, beforeAll } from 'vitest';
import { startApp, type TestApp } from './app.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { type FaultProxy, startFaultProxy } from './fault-proxy.js';

/** One app whose way to its database can be spoiled, for all tests of the file. To be read inside tests only. */
export interface ProxiedApp {
  readonly tracker: TestApp['tracker'];
  readonly proxy: FaultProxy;
}

export function useProxiedApp(): ProxiedApp {
  let database: TestDatabase;
  let proxy: FaultProxy;
  let app: TestApp;
  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await startFaultProxy(database.url);
    app = await startApp({ url: proxy.url });
  });
  afterAll(async () => {
    await app?.close();
    await proxy?.[Symbol.asyncDispose]();
    await database?.drop();
  });
  return {
    get tracker() {
      return app.tracker;
    },
    get proxy() {
      return proxy;
    },
  };
}
