import type { MikroORM } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import type { Pool, PoolConfig } from 'pg';
import type { SqlPool } from './database.js';

const CONNECTIONS = 2;
const CONNECT_WITHIN = 5_000;
const ANSWER_WITHIN = 10_000;

/**
 * A few connections of the tracker's own, so that claims, renewals and outcomes neither wait behind handlers that hold the app's pool nor
 * ride in anybody's transaction. Built from the living pool's options, so that whatever connects the app connects us.
 *
 * A store has two: claims wait for rows that others hold, and what a run sends (renewals, outcomes) must not stand in line behind them.
 */
export async function openOwnPool(orm: MikroORM): Promise<SqlPool> {
  const app = await appPool(orm);
  if (app === undefined) return throughApp(orm);
  const { options } = app;
  const settings: PoolConfig = {
    ...options,
    // pg-pool makes the password non-enumerable: the spread alone would lose it.
    password: options.password,
    // The app's parsers are MikroORM's; rows here are read with pg's own.
    types: undefined,
    max: CONNECTIONS,
    min: 0,
    keepAlive: true,
    // Neither has a default in pg: a black-holed connection would hang for good.
    query_timeout: options.query_timeout ?? ANSWER_WITHIN,
    connectionTimeoutMillis: options.connectionTimeoutMillis || CONNECT_WITHIN,
    application_name: options.application_name ?? 'job-tracking',
  };
  const Constructor = app.constructor as new (settings: PoolConfig) => Pool;
  const own = new Constructor(settings);
  // An idle connection that errs, without a listener, would end the process; the next statement finds out by itself.
  own.on('error', () => {});
  return own;
}

/** undefined: the app brought a Kysely or a dialect of its own, and no pool is to be had. */
async function appPool(orm: MikroORM): Promise<Pool | undefined> {
  try {
    return await orm.em.getConnection('write').getNativeClient();
  } catch {
    return undefined;
  }
}

function throughApp(orm: MikroORM): SqlPool {
  return {
    async query({ text, values }) {
      const { rows, numAffectedRows } = await orm.em
        .getConnection('write')
        .getClient()
        .executeQuery(CompiledQuery.raw(text, values));
      return { rows, rowCount: numAffectedRows === undefined ? rows.length : Number(numAffectedRows) };
    },
    end: async () => {},
  };
}
