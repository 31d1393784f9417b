import { expect, test } from 'vitest';
import { FOUND } from '../../../../test/histories/found-histories.js';
import { checkHistories, playHistory, USUAL_ANSWERS } from '../../../../test/histories/histories.js';
import { onMemory, stopClock } from '../../../../test/histories/memory-ground.js';
import { SEED as DEFAULT_SEED } from '../../../../test/support/seed.js';
import { verifyJobs } from '../protocol/index.js';

/** `HISTORIES=100000 HISTORY_SEED=7` for more, and for the same again. */
const RUNS = Number(process.env.HISTORIES ?? 2_000);
const SEED = Number(process.env.HISTORY_SEED ?? DEFAULT_SEED);

stopClock();

const begin = onMemory({ inspect: async (store) => (await verifyJobs(store, {})).violations });

test.each(FOUND)('%s: a history that was red once keeps the promise on the in-memory store', async (_, history) => {
  await playHistory(begin, history);
});

test(
  `${RUNS} random histories keep the promise on the in-memory store (seed ${SEED})`,
  async () => {
    const tally = await checkHistories(begin, { runs: RUNS, seed: SEED });
    const heard = [...tally.values()].reduce((sum, count) => sum + count, 0);
    console.info(`${RUNS} histories in memory, ${heard} answers of ${tally.size} kinds, seed ${SEED}`);
    // What is never answered is not tested.
    if (RUNS >= 1_000) expect(USUAL_ANSWERS.filter((answer) => !tally.has(answer))).toEqual([]);
  },
  60_000 + 20 * RUNS,
);
