import { describe, expect, test } from 'vitest';
import { type Fault, faultOf, refusesValue } from './fault.js';

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
    ['a pooler that does not know what it is asked', coded('08P01'), 'refused'],
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
