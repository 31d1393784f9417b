import { describe, expect, test } from 'vitest';
import { type Fault, faultOf, refusesValue } from './fault.js';

/** As PgBouncer 1.18 says it. */
const pooled = (message: string, severity = 'FATAL') => Object.assign(new Error(message), { code: '08P01', severity });
const coded = (code: string) => Object.assign(new Error(code), { code });

describe('what a failed statement says', () => {
  test.each<[what: string, error: unknown, fault: Fault]>([
    ['a deadlock', coded('40P01'), 'conflict'],
    ['a serialization failure', coded('40001'), 'conflict'],
    ['a connection that broke', coded('08006'), 'away'],
    ['a server that has no connection left', coded('53300'), 'away'],
    ['a server that has no room left', coded('53100'), 'away'],
    ['a server that is stopped', coded('57P01'), 'away'],
    ['a server that starts', coded('57P03'), 'away'],
    ['a row that somebody locks for too long', coded('55P03'), 'away'],
    ['a server that became a replica', coded('25006'), 'away'],
    ['a statement that took longer than transaction_timeout', coded('25P04'), 'away'],
    ['a server that nobody listens at', coded('ECONNREFUSED'), 'away'],
    ['a connection that was reset', coded('ECONNRESET'), 'away'],
    ['a name that is not found for now', coded('EAI_AGAIN'), 'away'],
    ['a connection that ended', new Error('Connection terminated unexpectedly'), 'away'],
    ['an answer that did not come', new Error('Query read timeout'), 'away'],
    ['a pool that has none left', new Error('timeout exceeded when trying to connect'), 'away'],
    ['a pooler whose server has crashed', pooled('server conn crashed?'), 'away'],
    ['a pooler that gets no connection in time', pooled('query_wait_timeout'), 'away'],
    [
      'a pooler that cannot log in',
      pooled('server login has been failing, try again later (server_login_retry)'),
      'away',
    ],
    ['a pooler that has none left', pooled('no more connections allowed (max_client_conn)'), 'away'],
    ['a pooler whose database is disabled', pooled('database "jobs" is disabled'), 'away'],
    ['a pooler whose database was killed', pooled('database removed'), 'away'],
    ['a pooler that does not know the database', pooled('no such database: jobs'), 'refused'],
    ['a pooler that does not know the user', pooled('no such user: runner'), 'refused'],
    ['a pooler that refuses the password', pooled('password authentication failed'), 'refused'],
    ['a pooler that trusts nobody of this name', pooled('"trust" authentication failed'), 'refused'],
    ['a pooler that refuses an option', pooled('unsupported startup parameter: statement_timeout'), 'refused'],
    ['a statement with a parameter too few', pooled('bind message supplies 1 parameters', 'ERROR'), 'refused'],
    ['a table that is missing', coded('42P01'), 'refused'],
    ['a value that is too long', coded('22001'), 'refused'],
    ['a constraint', coded('23514'), 'refused'],
    ['a lock that is not to be had at once', coded('55006'), 'refused'],
    ['a fault of our own', new TypeError('x is not a function'), 'refused'],
    ['nothing at all', undefined, 'refused'],
  ])('%s', (_, error, fault) => {
    expect(faultOf(error)).toBe(fault);
  });
});

test.each([
  ['22P02', true],
  ['23514', true],
  ['54000', true],
  ['57P01', false],
  ['42P01', false],
  ['ECONNRESET', false],
])('%s is of the value that was to be kept: %s', (code, ofValue) => {
  expect(refusesValue(coded(code))).toBe(ofValue);
});
