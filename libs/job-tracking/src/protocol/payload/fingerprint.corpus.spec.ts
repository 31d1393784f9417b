import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { fingerprintOf } from './fingerprint.js';

interface Kept {
  name: string;
  message: string;
  stack: string;
  fingerprint: string;
}

/**
 * Errors with the fingerprints that jobs have stored for them: of Node and V8, of drivers, made ones, and some by a fixed seed.
 * Written by the code of version 1. A change of one of them splits every failure that is known from those to come: never rewrite it.
 */
const corpus: Kept[] = JSON.parse(readFileSync(path.join(import.meta.dirname, 'fingerprint.corpus.json'), 'utf8'));

test('a stored fingerprint is found again by every later version', () => {
  expect(corpus.length).toBeGreaterThan(400);
  const changed = corpus.filter(({ name, message, stack, fingerprint }) => {
    return fingerprintOf(name, message, stack) !== fingerprint;
  });
  expect(changed).toEqual([]);
});
