import type { Deed, Terms } from './deed.js';

const TERMS: Terms = { lease: 1_000, maxAttempts: 3, maxCrashes: 3, afterA: false };

function registering(worker: string, key: 'a/1' | 'a/2'): Deed {
  const given = { data: null, runIn: null, bound: null, priority: 0 };
  return { verb: 'claim', worker, key, terms: TERMS, rerun: false, early: false, given, compare: undefined };
}

/**
 * Histories that broke the promise once, as they were shrunk, by what was wrong: whatever seed there is, they are played on both stores. One line a
 * step; deeds of one line happen at once.
 */
export const FOUND: readonly [what: string, history: Deed[][]][] = [
  [
    'ignoreMany ignored a job that a retry had made pending meanwhile (seed 1425772010)',
    [
      [registering('w1', 'a/1')],
      [registering('w1', 'a/2')],
      [{ verb: 'pass', ms: 5_001 }],
      [
        { verb: 'claimDue', worker: 'w1', kind: 'a', limit: 1, terms: { ...TERMS, maxCrashes: 1 } },
        { verb: 'ignore', key: 'a/1' },
      ],
      [
        { verb: 'ignoreMany', many: { kind: 'a', statuses: ['failed', 'ignored'], limit: undefined } },
        { verb: 'retry', key: 'a/2', rerun: false },
      ],
    ],
  ],
];
