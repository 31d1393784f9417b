import { randomFrom, seedOf } from '../../chaos/random.js';

/**
 * What every random choice of the tests begins with: the same in each `npm test`, so that what is red there is red again. `npm run test:full` draws
 * another one each time, and tells it (vitest.config.ts). `SEED=7` for one of your own, or for the same again.
 */
export const SEED = chosen(process.env.SEED ?? '1');

/** Numbers from 0 up to 1 that the seed decides: for the same words, the same numbers. */
export function chanceOf(...words: string[]): () => number {
  return randomFrom(seedOf(SEED, ...words));
}

function chosen(text: string): number {
  const seed = Number(text);
  if (text.trim() !== '' && Number.isInteger(seed)) return seed;
  throw new Error(`expected SEED to be a whole number, got: ${text}`);
}
