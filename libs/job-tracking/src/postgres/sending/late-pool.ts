import { StoreUnavailableError } from '../../protocol/index.js';
import type { AppConnection } from './app-connection.js';
import type { SqlPool } from './database.js';
import { ownPool } from './own-pool.js';
import { throughApp } from './through-app.js';

/**
 * A pool that its first statement opens. What the app connects with is known only when it has connected, and the database may be away when the app
 * is assembled: then the statement fails as any other does, and is sent again.
 */
export function latePool(app: AppConnection): SqlPool {
  let pool: SqlPool | undefined;
  let ended = false;
  return {
    async query(statement) {
      if (pool === undefined) {
        const client = await app.client();
        if (ended) throw new StoreUnavailableError('the app has closed its connections to the database');
        // Another statement may have been faster.
        pool ??= client === undefined ? throughApp(app) : ownPool(client);
      }
      return pool.query(statement);
    },
    async end() {
      ended = true;
      await pool?.end();
    },
  };
}
