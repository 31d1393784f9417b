/** What a failed statement says about the database. `conflict`: it did nothing, send it again. `away`: it may or may not have come through. */
export type Fault = 'conflict' | 'away' | 'refused';

const CONFLICTS = new Set(['40001', '40P01']);
/** Connection errors (08P01 has rules of its own, below), resources used up, an operator's intervention, lock_timeout, transaction_timeout, and a server that became read-only in a failover. */
const AWAY_STATES = /^(08(?!P01)|53|57)|^(55P03|25006|25P04)$/;
const AWAY_SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** `pg` gives these no code. */
const AWAY_MESSAGES =
  /Connection terminated|Connection ended|timeout exceeded when trying to connect|Query read timeout|timeout expired|Client has encountered a connection error/;

/**
 * PgBouncer has one SQLSTATE, 08P01, for all that it says itself: passing trouble (its server's connection crashed, no server connection in time, no
 * client connection left, a database that is disabled or was killed) and what it will refuse for ever. Of PostgreSQL itself 08P01 is an ERROR about
 * the statement.
 */
const POOLER_REFUSES =
  /^(no such (database|user)|unsupported |bouncer config error|SSL required|login rejected)|auth(entication)? failed/;

function isPassing(message: unknown, severity: unknown): boolean {
  return severity === 'FATAL' && typeof message === 'string' && !POOLER_REFUSES.test(message);
}

export function faultOf(error: unknown): Fault {
  const { code, message, severity } = (error ?? {}) as { code?: unknown; message?: unknown; severity?: unknown };
  if (code === '08P01') return isPassing(message, severity) ? 'away' : 'refused';
  if (typeof code === 'string') {
    if (CONFLICTS.has(code)) return 'conflict';
    if (AWAY_SYSTEM.has(code) || (/^[0-9A-Z]{5}$/.test(code) && AWAY_STATES.test(code))) return 'away';
  }
  return typeof message === 'string' && AWAY_MESSAGES.test(message) ? 'away' : 'refused';
}

/** Refused before anything came of it: a conflict, a lock or an answer that took too long by the server's own clock, a server that takes no writes. */
const UNDONE = new Set([...CONFLICTS, '55P03', '57014', '25006']);
/** Met before the statement could be sent: nobody listened, or no connection was to be had. */
const UNSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', '53300', '57P03']);

/** Whether the statement has surely done nothing, nor will. */
export function didNothing(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && (UNDONE.has(code) || UNSENT.has(code));
}

/** Data exceptions, broken constraints (the user's own too) and limits: it is what the statement holds, and will be tomorrow. */
export function refusesValue(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^(22|23|54)[0-9A-Z]{3}$/.test(code);
}
