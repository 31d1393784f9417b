import type { Pool, PoolConfig } from 'pg';

const CONNECTIONS = 2;
/** Milliseconds. */
export const CONNECT_WITHIN = 5_000;
export const ANSWER_WITHIN = 10_000;

/**
 * A few connections of the tracker's own, so that claims, renewals and outcomes neither wait behind handlers that hold the app's pool nor
 * ride in anybody's transaction. Built from the living pool's options, so that whatever connects the app connects us.
 *
 * A store has two: claims wait for rows that others hold, and what a run sends (renewals, outcomes) must not stand in line behind them.
 */
export function ownPool(app: Pool): Pool {
  const { options } = app;
  const settings: PoolConfig = {
    ...options,
    // pg-pool makes the password non-enumerable: the spread alone would lose it.
    password: options.password,
    // Rows are read alike with any parsers: the app's need not run.
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
