import { CHAPTERS } from './laws/index.js';
import type { StoreHarness, TestRunner } from './store-harness.js';
import { World } from './world.js';

/** Registers the laws of a store with the runner's own describe and it. A store that keeps them all keeps the promise. */
export function describeJobStore({ describe, it }: TestRunner, harness: StoreHarness): void {
  describe(`${harness.name} keeps the laws of a job store`, () => {
    for (const { subject, laws } of CHAPTERS)
      describe(subject, () => {
        for (const [title, prove] of Object.entries(laws))
          it(title, async () => {
            const { store, advance, close } = await harness.create();
            try {
              await prove(new World(store, advance));
            } finally {
              await close();
            }
          });
      });
  });
}
