import type { MikroORM } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { answered } from './answered.js';
import { CONNECT_WITHIN } from './own-pool.js';

/** The connection that the app's MikroORM writes by. */
export class AppConnection {
  #connecting: Promise<unknown> | undefined;
  #failed = false;

  constructor(private readonly orm: MikroORM) {}

  get connection() {
    return this.orm.em.getConnection('write');
  }

  /**
   * The pool that MikroORM made; undefined: it was given a Kysely or a dialect of the app's own. Throws what keeps MikroORM from connecting: that
   * says nothing about whose the driver is.
   */
  async client(): Promise<Pool | undefined> {
    this.#connecting ??= this.#connect();
    await answered(this.#connecting, CONNECT_WITHIN);
    try {
      return await this.connection.getNativeClient();
    } catch {
      // MikroORM has connected: what it refuses now is a client that it has not made.
      return undefined;
    }
  }

  /** Connecting makes sure of the database, too. MikroORM calls itself connected before that, and would leave it out the next time. */
  async #connect(): Promise<void> {
    try {
      await (this.#failed ? this.connection.connect() : this.connection.ensureConnection());
    } catch (error) {
      this.#failed = true;
      this.#connecting = undefined;
      throw error;
    }
  }
}
